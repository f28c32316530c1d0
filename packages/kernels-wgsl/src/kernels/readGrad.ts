import { defineKernel, readGrad as op } from '@circuit-tuning/core';
import wgsl from './readGrad.wgsl';

export const readGrad = defineKernel(op, {
  wgsl,
  grid: { forward: ({ G, N }) => [G! * N!], forward_mean: ({ G, N }) => [G! * N!] },
  cases: [
    { dims: { G: 1, N: 3, R: 1, D: 5 } },
    { dims: { G: 3, N: 7, R: 9, D: 130 }, attrs: { r0: 4 } },
    { dims: { G: 2, N: 33, R: 5, D: 64 }, attrs: { r0: 1 }, without: ['mean'] },
  ],
  bytes: ({ G, N, D }) => 4 * (2 * G! + 1) * N! * D!,
  flops: ({ G, N, D }) => 10 * G! * N! * D!,
});
