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
  when: ({ D }, { isSoftware }) => D! % 4 === 0 && isSoftware,
  cases: [
    { dims: { G: 1, N: 3, R: 1, D: 4 } },
    { dims: { G: 3, N: 7, R: 9, D: 132 }, attrs: { r0: 4 } },
    { dims: { G: 2, N: 33, R: 5, D: 64 }, attrs: { r0: 1 }, without: ['mean'] },
  ],
  bytes: ({ G, N, D }) => 4 * (2 * G! + 1) * N! * D!,
  flops: ({ G, N, D }) => 10 * G! * N! * D!,
});
