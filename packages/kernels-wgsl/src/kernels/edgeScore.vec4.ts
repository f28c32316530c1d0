import { defineKernel, edgeScore as op } from '@circuit-tuning/core';
import wgsl from './edgeScore.vec4.wgsl';

// As in the .wgsl: sources and reads of a workgroup, and its threads.
const TILE = 8;
const WG = 64;
const WORKGROUPS = 512; // enough to fill a large GPU; more would only add scratch
const LONGEST = 32; // rows of m in a chunk: bounds the length of a running sum, whose rounding grows with it

/** For GPUs: loads of neighbouring threads lie side by side, and only one barrier. */
export const edgeScoreVec4 = defineKernel(op, {
  wgsl,
  rank: 1,
  alias: { partial_in: 'partial' },
  scratch: { partial: 'C S R' },
  derived: ({ S, R, M }) => {
    const tiles = Math.ceil(S! / TILE) * Math.ceil(R! / TILE);
    const CHUNK = Math.max(1, Math.min(LONGEST, Math.floor((M! * tiles) / WORKGROUPS)));
    return { C: Math.ceil(M! / CHUNK), CHUNK };
  },
  grid: {
    forward_partial: ({ C, S, R }) => [Math.ceil(R! / TILE), Math.ceil(S! / TILE), C!],
    forward_sum: ({ S, R }) => [Math.ceil((S! * R!) / WG)],
  },
  // not on CPUs: SwiftShader suspends every four threads at a barrier, which took 100 times the time of the plain kernel
  when: ({ D }, { isSoftware }) => D! % 4 === 0 && !isSoftware,
  cases: [
    { dims: { S: 1, R: 1, M: 3, D: 4, I: 1 } },
    { dims: { S: 3, R: 17, M: 9, D: 72, I: 8 }, attrs: { s0: 4 } },
    { dims: { S: 13, R: 9, M: 33, D: 64, I: 14 }, attrs: { s0: 1 } },
    // Enough tiles for chunks of more than one row.
    { dims: { S: 40, R: 100, M: 21, D: 12, I: 40 } },
  ],
  bytes: ({ S, R, M, D }) => 4 * (S! + R!) * M! * D!,
  flops: ({ S, R, M, D }) => 2 * S! * R! * M! * D!,
});
