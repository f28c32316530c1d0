import { defineKernel, edgeScore as op } from '@circuit-tuning/core';
import wgsl from './edgeScore.subgroup.wgsl';

const TILE = 16; // sources and reads of a workgroup, as in the .wgsl
const WORKGROUPS = 48; // a CPU has few cores, and each workgroup costs hundreds of cycles to start
const LONGEST = 8; // rows of m in a chunk: bounds the length of a running sum, whose rounding grows with it

/** For CPU adapters (2 to 8 times the speed of `vec4` there, with [12, 36] pairs of 128 · 768 and [4, 13] of 64 · 64). */
export const edgeScoreSubgroup = defineKernel(op, {
  wgsl,
  rank: 2,
  alias: { partial_in: 'partial' },
  scratch: { partial: 'C S R' },
  derived: ({ S, R, M }) => {
    const tiles = Math.ceil(S! / TILE) * Math.ceil(R! / TILE);
    const CHUNK = Math.max(1, Math.min(LONGEST, Math.floor((M! * tiles) / WORKGROUPS)));
    return { C: Math.ceil(M! / CHUNK), CHUNK };
  },
  grid: {
    forward_partial: ({ C, S, R }) => [Math.ceil(R! / TILE), Math.ceil(S! / TILE), C!],
    forward_sum: ({ S, R }, { WG }) => [Math.ceil((S! * R!) / WG!)],
  },
  needs: ['subgroups'],
  when: ({ D }, { isSoftware, subgroup }) => D! % 4 === 0 && isSoftware && subgroup?.min === 8 && subgroup.max === 8,
  cases: [
    { dims: { S: 1, R: 1, M: 3, D: 4, I: 1 } },
    { dims: { S: 17, R: 17, M: 9, D: 72, I: 21 }, attrs: { s0: 4 } },
    { dims: { S: 13, R: 9, M: 33, D: 64, I: 14 }, attrs: { s0: 1 } },
    // Enough tiles for chunks of more than one row.
    { dims: { S: 40, R: 100, M: 21, D: 12, I: 40 } },
  ],
  bytes: ({ S, R, M, D }) => 4 * (S! + R!) * M! * D!,
  flops: ({ S, R, M, D }) => 2 * S! * R! * M! * D!,
});
