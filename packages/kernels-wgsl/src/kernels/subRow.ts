import { defineKernel, subRow as op } from '@circuit-tuning/core';
import wgsl from './subRow.wgsl';

export const subRow = defineKernel(op, {
  wgsl,
  grid: { forward: ({ N, D }, { WG }) => [Math.ceil((N! * D!) / WG!)] },
  cases: [{ dims: { N: 1, D: 3 } }, { dims: { N: 7, D: 130 } }, { dims: { N: 33, D: 64 } }],
  bytes: ({ N, D }) => 4 * (2 * N! * D! + D!),
  flops: ({ N, D }) => N! * D!,
});
