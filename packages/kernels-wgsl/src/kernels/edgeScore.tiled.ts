import { defineKernel, edgeScore as op } from '@circuit-tuning/core';
import { chunked, edgeScoring, ofGroups, sumGrid } from '../edgeScore.js';
import wgsl from './edgeScore.tiled.wgsl';

const TILE = 32; // sources and reads of a workgroup, as in the .wgsl
const WORKGROUPS = 512; // enough to fill a large GPU; more would only add scratch
const LONGEST = 32; // rows of m in a chunk

const tiles = (Q: number, R: number): number => Math.ceil(Q / TILE) * Math.ceil(R / TILE);

/** For GPUs: each loaded number serves 32 products. */
export const edgeScoreTiled = defineKernel(op, {
  ...edgeScoring,
  wgsl,
  rank: 1,
  derived: chunked(tiles, WORKGROUPS, LONGEST),
  grid: {
    forward_partial: ({ C, Q, R }) => [Math.ceil(R! / TILE), Math.ceil(Q! / TILE), C!],
    forward_sum: sumGrid,
  },
  // not on CPUs: SwiftShader suspends every four threads at a barrier
  when: (_, { isSoftware }) => !isSoftware,
  cases: [
    ...ofGroups,
    { dims: { S: 1, R: 1, M: 3, D: 5, I: 1, G: 1, J: 2 } },
    { dims: { S: 3, R: 17, M: 9, D: 72, I: 8, G: 1, J: 2 }, attrs: { s0: 4 } },
    { dims: { S: 43, R: 39, M: 9, D: 20, I: 44, G: 1, J: 2 }, attrs: { s0: 1, seen: 41 } },
    // Enough tiles for chunks of more than one row.
    { dims: { S: 300, R: 320, M: 11, D: 3, I: 300, G: 1, J: 2 } },
  ],
});
