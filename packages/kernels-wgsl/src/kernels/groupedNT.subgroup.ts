import { defineKernel, groupedNT as op } from '@circuit-tuning/core';
import wgsl from './groupedNT.subgroup.wgsl';

const [ROWS, COLUMNS] = [16, 32]; // the tile of a workgroup, as in the .wgsl

const tiles = ({ N, G, E }: Record<string, number>): number[] => [Math.ceil(E! / COLUMNS), G! * Math.ceil(N! / ROWS)];

/** For CPU adapters. */
export const groupedNTSubgroup = defineKernel(op, {
  wgsl,
  rank: 2,
  grid: { forward: tiles, forward_bias: tiles },
  needs: ['subgroups'],
  when: ({ D }, { isSoftware, subgroup }) => D! % 4 === 0 && isSoftware && subgroup?.min === 8 && subgroup.max === 8,
  cases: [
    { dims: { N: 3, G: 2, E: 5, D: 8 } },
    { dims: { N: 35, G: 3, E: 8, D: 132 }, without: ['bias'] },
    { dims: { N: 33, G: 2, E: 70, D: 20 } },
  ],
  bytes: ({ N, G, E, D }) => 4 * G! * (N! * E! + E! * D! + N! * D!),
  flops: ({ N, G, E, D }) => 2 * G! * N! * E! * D!,
});
