import { defineKernel, edgeScore as op } from '@circuit-tuning/core';
import { chunked, edgeScoring, ofGroups, sumGrid } from '../edgeScore.js';
import wgsl from './edgeScore.block.wgsl';

const TILE = 4; // sources and reads of a thread, as in the .wgsl
const CHUNK = 8; // rows of m one thread sums

const tiles = (n: number): number => Math.ceil(n / TILE);

/** For CPU adapters whose subgroups `subgroup` does not serve, such as SwiftShader. */
export const edgeScoreBlock = defineKernel(op, {
  ...edgeScoring,
  wgsl,
  rank: 1,
  derived: chunked(() => Infinity, 1, CHUNK),
  grid: {
    forward_partial: ({ C, Q, R }, { WG }) => [Math.ceil((C! * tiles(Q!) * tiles(R!)) / WG!)],
    forward_sum: sumGrid,
  },
  when: ({ D }, { isSoftware }) => D! % 4 === 0 && isSoftware,
  cases: [
    ...ofGroups,
    { dims: { S: 1, R: 1, M: 3, D: 4, I: 1, G: 1, J: 2 } },
    { dims: { S: 3, R: 17, M: 9, D: 72, I: 8, G: 1, J: 2 }, attrs: { s0: 4 } },
    { dims: { S: 13, R: 6, M: 33, D: 64, I: 14, G: 1, J: 2 }, attrs: { s0: 1, seen: 7 } },
  ],
});
