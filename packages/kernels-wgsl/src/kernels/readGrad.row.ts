import { defineKernel, readGrad as op } from '@circuit-tuning/core';
import wgsl from './readGrad.row.wgsl';

const rows = ({ G, N }: Record<string, number>, { WG }: Record<string, number>): number[] => [
  Math.ceil((G! * N!) / WG!),
];

/** For CPU adapters, where barriers are dear and a strided load costs what a contiguous one does. */
export const readGradRow = defineKernel(op, {
  wgsl,
  rank: 1,
  grid: { forward: rows, forward_mean: rows },
  when: (_, { isSoftware }) => isSoftware,
  cases: [
    { dims: { G: 1, N: 3, D: 5 } },
    { dims: { G: 3, N: 7, D: 130 } },
    { dims: { G: 2, N: 33, D: 64 }, without: ['mean'] },
  ],
  bytes: ({ G, N, D }) => 4 * (2 * G! + 1) * N! * D!,
  flops: ({ G, N, D }) => 10 * G! * N! * D!,
});
