import { defineKernel, edgeScore as op } from '@circuit-tuning/core';
import wgsl from './edgeScore.wgsl';

const CHUNK = 8; // rows of m one thread sums

export const edgeScore = defineKernel(op, {
  wgsl,
  alias: { partial_in: 'partial' },
  scratch: { partial: 'C S R' },
  derived: ({ M }) => ({ C: Math.ceil(M! / CHUNK), CHUNK }),
  grid: {
    forward_partial: ({ C, S, R }, { WG }) => [Math.ceil((C! * S! * R!) / WG!)],
    forward_sum: ({ S, R }, { WG }) => [Math.ceil((S! * R!) / WG!)],
  },
  cases: [
    { dims: { S: 1, R: 1, M: 3, D: 5, I: 1 } },
    { dims: { S: 3, R: 17, M: 9, D: 70, I: 8 }, attrs: { s0: 4 } },
    { dims: { S: 13, R: 9, M: 33, D: 16, I: 14 }, attrs: { s0: 1 } },
  ],
  bytes: ({ S, R, M, D }) => 4 * (S! + R!) * M! * D!,
  flops: ({ S, R, M, D }) => 2 * S! * R! * M! * D!,
});
