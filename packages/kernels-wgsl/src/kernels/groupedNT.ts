import { defineKernel, groupedNT as op } from '@circuit-tuning/core';
import wgsl from './groupedNT.wgsl';

const [ROWS, COLUMNS] = [8, 4]; // the tile of a thread, as in the .wgsl

const tiles = ({ N, G, E }: Record<string, number>, { WGX, WGY }: Record<string, number>): number[] => [
  Math.ceil(E! / (COLUMNS * WGX!)),
  Math.ceil(N! / (ROWS * WGY!)),
  G!,
];

export const groupedNT = defineKernel(op, {
  wgsl,
  grid: { forward: tiles, forward_bias: tiles },
  cases: [
    { dims: { N: 3, G: 2, E: 5, D: 7 } },
    { dims: { N: 35, G: 3, E: 8, D: 130 }, without: ['bias'] },
    { dims: { N: 33, G: 2, E: 70, D: 17 } },
  ],
  bytes: ({ N, G, E, D }) => 4 * G! * (N! * E! + E! * D! + N! * D!),
  flops: ({ N, G, E, D }) => 2 * G! * N! * E! * D!,
});
