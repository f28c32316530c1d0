import { defineKernel, groupedNN as op } from '@circuit-tuning/core';
import { unrolled } from '../matmul.js';
import wgsl from './groupedNN.unrolled.wgsl';

const TILE = 32; // rows and columns of a workgroup, as in the .wgsl

export const groupedNNUnrolled = defineKernel(op, {
  ...unrolled,
  wgsl,
  grid: { forward: ({ N, G, D }) => [Math.ceil(N! / TILE), G! * Math.ceil(D! / TILE)] },
  when: ({ E, D }, capabilities) => E! % 4 === 0 && unrolled.when({ N: D! }, capabilities),
  cases: [
    { dims: { N: 3, G: 2, E: 4, D: 8 } },
    { dims: { N: 35, G: 3, E: 8, D: 132 } },
    { dims: { N: 64, G: 2, E: 20, D: 64 } },
  ],
  bytes: ({ N, G, E, D }) => 4 * G! * (N! * E! + E! * D! + N! * D!),
  flops: ({ N, G, E, D }) => 2 * G! * N! * E! * D!,
});
