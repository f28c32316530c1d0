import { defineKernel, edgeScore as op } from '@circuit-tuning/core';
import { chunked, edgeScoring, ofGroups, sumGrid } from '../edgeScore.js';
import wgsl from './edgeScore.subgroup.wgsl';

const SOURCES = 32; // of a tile, as in the .wgsl
const WORKGROUPS = 48; // a CPU has few cores, and each workgroup costs hundreds of cycles to start
const LONGEST = 8; // rows of m in a chunk

/** Reads of a tile: few values, so few pipelines. Loading a tile's sources costs about what six reads do. */
const rowsOf = (R: number): number => {
  const cost = (rows: number): number => Math.ceil(R / rows) * (rows + 6);
  return [16, 12, 8, 4, 1].reduce((best, rows) => (cost(rows) < cost(best) ? rows : best));
};

const tiles = (Q: number, R: number): number => Math.ceil(Q / SOURCES) * Math.ceil(R / rowsOf(R));

/** For CPU adapters. */
export const edgeScoreSubgroup = defineKernel(op, {
  ...edgeScoring,
  wgsl,
  rank: 2,
  derived: chunked(tiles, WORKGROUPS, LONGEST),
  constants: ({ R }) => ({ ROWS: rowsOf(R!) }),
  grid: {
    forward_partial: ({ C, Q, R }, { ROWS }) => [Math.ceil(R! / ROWS!), Math.ceil(Q! / SOURCES), C!],
    forward_sum: sumGrid,
  },
  needs: ['subgroups'],
  when: ({ D }, { isSoftware, subgroup }) => D! % 4 === 0 && isSoftware && subgroup?.min === 8 && subgroup.max === 8,
  cases: [
    ...ofGroups,
    { dims: { S: 1, R: 1, M: 3, D: 4, I: 1, G: 1, J: 2 } },
    { dims: { S: 17, R: 17, M: 9, D: 72, I: 21, G: 1, J: 2 }, attrs: { s0: 4 } },
    { dims: { S: 40, R: 9, M: 33, D: 64, I: 41, G: 1, J: 2 }, attrs: { s0: 1, seen: 13 } },
    // Enough tiles for chunks of more than one row.
    { dims: { S: 140, R: 36, M: 21, D: 12, I: 140, G: 1, J: 2 } },
  ],
});
