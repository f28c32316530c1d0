import { defineKernel, groupedNN as op } from '@circuit-tuning/core';
import { unrolled64 } from '../matmul.js';
import wgsl from './groupedNN.unrolled64.wgsl';

/** 64 rows and 32 columns, as in the .wgsl. */
const tiles = ({ N, G, D }: Record<string, number>): number[] => [Math.ceil(N! / 64), G! * Math.ceil(D! / 32)];

export const groupedNNUnrolled64 = defineKernel(op, {
  ...unrolled64,
  wgsl,
  grid: { forward: tiles },
  when: ({ E, D }, capabilities) => E! % 4 === 0 && unrolled64.when({ N: D! }, capabilities),
  suits: ({ N }, capabilities) => unrolled64.suits({ M: N! }, capabilities),
  cases: [
    { dims: { N: 3, G: 2, E: 4, D: 32 } },
    { dims: { N: 70, G: 3, E: 8, D: 45 } },
    { dims: { N: 64, G: 2, E: 20, D: 64 } },
  ],
  bytes: ({ N, G, E, D }) => 4 * G! * (N! * E! + E! * D! + N! * D!),
  flops: ({ N, G, E, D }) => 2 * G! * N! * E! * D!,
});
