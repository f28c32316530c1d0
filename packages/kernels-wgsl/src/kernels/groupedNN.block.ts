import { defineKernel, groupedNN as op } from '@circuit-tuning/core';
import wgsl from './groupedNN.block.wgsl';

const TILE = 4; // rows and columns of a thread, as in the .wgsl

/** For CPU adapters whose subgroups `subgroup` does not serve, such as SwiftShader. */
export const groupedNNBlock = defineKernel(op, {
  wgsl,
  rank: 1,
  grid: { forward: ({ N, G, D }, { WG }) => [Math.ceil((G! * Math.ceil(N! / TILE) * (D! / TILE)) / WG!)] },
  when: ({ E, D }, { isSoftware }) => E! % 4 === 0 && D! % 4 === 0 && isSoftware,
  cases: [
    { dims: { N: 3, G: 2, E: 4, D: 8 } },
    { dims: { N: 35, G: 3, E: 8, D: 132 } },
    { dims: { N: 64, G: 2, E: 20, D: 64 } },
  ],
  bytes: ({ N, G, E, D }) => 4 * G! * (N! * E! + E! * D! + N! * D!),
  flops: ({ N, G, E, D }) => 2 * G! * N! * E! * D!,
});
