import { defineKernel, groupedNT as op } from '@circuit-tuning/core';
import { unrolled64 } from '../matmul.js';
import wgsl from './groupedNT.unrolled64.wgsl';

/** 64 rows and 32 columns, as in the .wgsl. */
const tiles = ({ N, G, E }: Record<string, number>): number[] => [Math.ceil(N! / 64), G! * Math.ceil(E! / 32)];

export const groupedNTUnrolled64 = defineKernel(op, {
  ...unrolled64,
  wgsl,
  grid: { forward: tiles, forward_bias: tiles },
  when: ({ E, D }, capabilities) => D! % 4 === 0 && unrolled64.when({ N: E! }, capabilities),
  suits: ({ N }, capabilities) => unrolled64.suits({ M: N! }, capabilities),
  cases: [
    { dims: { N: 3, G: 2, E: 32, D: 8 } },
    { dims: { N: 70, G: 3, E: 45, D: 12 }, without: ['bias'] },
    { dims: { N: 64, G: 2, E: 64, D: 20 } },
  ],
  bytes: ({ N, G, E, D }) => 4 * G! * (N! * E! + E! * D! + N! * D!),
  flops: ({ N, G, E, D }) => 2 * G! * N! * E! * D!,
});
