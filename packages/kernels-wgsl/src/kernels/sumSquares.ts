import { defineKernel, sumSquares as op } from '@circuit-tuning/core';
import wgsl from './sumSquares.wgsl';

const WG = 64; // threads of a workgroup, as in the .wgsl
const WORKGROUPS = 256;

export const sumSquares = defineKernel(op, {
  wgsl,
  alias: { partial_in: 'partial' },
  scratch: { partial: 'P' },
  derived: ({ M }) => ({ P: WG * Math.min(M!, WORKGROUPS) }),
  grid: { forward_partial: ({ P }) => [P! / WG], forward_total: () => [1] },
  cases: [
    { dims: { G: 3, M: 1, Q: 6, O: 1 } },
    { dims: { G: 1500, M: 300, Q: 6, O: 1 } },
    { dims: { G: 4290, M: 33, Q: 6, O: 1 } },
  ],
  bytes: ({ G }) => 4 * G!,
  flops: ({ G }) => 2 * G!,
});
