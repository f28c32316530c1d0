import { defineKernel, sumSquares as op } from '@circuit-tuning/core';
import wgsl from './sumSquares.wgsl';

const WG = 64; // threads of a workgroup, as in the .wgsl
const WORKGROUPS = 256;

export const sumSquares = defineKernel(op, {
  wgsl,
  alias: { partial_in: 'partial' },
  scratch: { partial: 'P' },
  derived: ({ U }) => ({ P: WG * Math.min(U!, WORKGROUPS) }),
  grid: { forward_partial: ({ P }) => [P! / WG], forward_total: () => [1] },
  cases: [{ dims: { U: 1, D: 3, O: 1 } }, { dims: { U: 300, D: 5, O: 1 } }, { dims: { U: 33, D: 130, O: 1 } }],
  bytes: ({ U, D }) => 4 * U! * D!,
  flops: ({ U, D }) => 2 * U! * D!,
});
