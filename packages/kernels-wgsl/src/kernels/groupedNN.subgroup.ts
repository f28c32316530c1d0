import { defineKernel, groupedNN as op } from '@circuit-tuning/core';
import wgsl from './groupedNN.subgroup.wgsl';

const [ROWS, COLUMNS] = [16, 32]; // the tile of a workgroup, as in the .wgsl

/** For CPU adapters. */
export const groupedNNSubgroup = defineKernel(op, {
  wgsl,
  rank: 2,
  grid: { forward: ({ N, G, D }) => [Math.ceil(D! / COLUMNS), G! * Math.ceil(N! / ROWS)] },
  needs: ['subgroups'],
  when: ({ E, D }, { isSoftware, subgroup }) =>
    E! % 4 === 0 && D! % 4 === 0 && isSoftware && subgroup?.min === 8 && subgroup.max === 8,
  cases: [
    { dims: { N: 3, G: 2, E: 4, D: 8 } },
    { dims: { N: 35, G: 3, E: 8, D: 132 } },
    { dims: { N: 64, G: 2, E: 20, D: 64 } },
  ],
  bytes: ({ N, G, E, D }) => 4 * G! * (N! * E! + E! * D! + N! * D!),
  flops: ({ N, G, E, D }) => 2 * G! * N! * E! * D!,
});
