import { defineKernel, groupedNN as op } from '@circuit-tuning/core';
import wgsl from './groupedNN.wgsl';

const [ROWS, COLUMNS] = [8, 4]; // the tile of a thread, as in the .wgsl

export const groupedNN = defineKernel(op, {
  wgsl,
  grid: {
    forward: ({ N, G, D }, { WGX, WGY }) => [Math.ceil(D! / (COLUMNS * WGX!)), Math.ceil(N! / (ROWS * WGY!)), G!],
  },
  cases: [
    { dims: { N: 3, G: 2, E: 5, D: 7 } },
    { dims: { N: 35, G: 3, E: 8, D: 130 } },
    { dims: { N: 64, G: 2, E: 17, D: 64 } },
  ],
  bytes: ({ N, G, E, D }) => 4 * G! * (N! * E! + E! * D! + N! * D!),
  flops: ({ N, G, E, D }) => 2 * G! * N! * E! * D!,
});
