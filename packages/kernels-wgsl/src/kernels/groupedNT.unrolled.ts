import { defineKernel, groupedNT as op } from '@circuit-tuning/core';
import { unrolled } from '../matmul.js';
import wgsl from './groupedNT.unrolled.wgsl';

const TILE = 32; // rows and columns of a workgroup, as in the .wgsl

const tiles = ({ N, G, E }: Record<string, number>): number[] => [Math.ceil(N! / TILE), G! * Math.ceil(E! / TILE)];

export const groupedNTUnrolled = defineKernel(op, {
  ...unrolled,
  wgsl,
  grid: { forward: tiles, forward_bias: tiles },
  when: ({ E, D }, capabilities) => D! % 4 === 0 && unrolled.when({ N: E! }, capabilities),
  cases: [
    { dims: { N: 3, G: 2, E: 4, D: 8 } },
    { dims: { N: 35, G: 3, E: 8, D: 132 }, without: ['bias'] },
    { dims: { N: 33, G: 2, E: 72, D: 20 } },
  ],
  bytes: ({ N, G, E, D }) => 4 * G! * (N! * E! + E! * D! + N! * D!),
  flops: ({ N, G, E, D }) => 2 * G! * N! * E! * D!,
});
