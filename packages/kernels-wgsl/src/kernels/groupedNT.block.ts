import { defineKernel, groupedNT as op } from '@circuit-tuning/core';
import wgsl from './groupedNT.block.wgsl';

const TILE = 4; // rows and columns of a thread, as in the .wgsl

const blocks = ({ N, G, E }: Record<string, number>, { WG }: Record<string, number>): number[] => [
  Math.ceil((G! * Math.ceil(N! / TILE) * (E! / TILE)) / WG!),
];

/** For CPU adapters whose subgroups `subgroup` does not serve, such as SwiftShader. */
export const groupedNTBlock = defineKernel(op, {
  wgsl,
  rank: 1,
  grid: { forward: blocks, forward_bias: blocks },
  when: ({ E, D }, { isSoftware }) => E! % 4 === 0 && D! % 4 === 0 && isSoftware,
  cases: [
    { dims: { N: 3, G: 2, E: 4, D: 8 } },
    { dims: { N: 35, G: 3, E: 8, D: 132 }, without: ['bias'] },
    { dims: { N: 33, G: 2, E: 20, D: 64 } },
  ],
  bytes: ({ N, G, E, D }) => 4 * G! * (N! * E! + E! * D! + N! * D!),
  flops: ({ N, G, E, D }) => 2 * G! * N! * E! * D!,
});
