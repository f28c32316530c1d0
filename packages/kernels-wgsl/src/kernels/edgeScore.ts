import { defineKernel, edgeScore as op } from '@circuit-tuning/core';
import { chunked, edgeScoring, ofGroups, sumGrid } from '../edgeScore.js';
import wgsl from './edgeScore.wgsl';

const CHUNK = 8; // rows of m one thread sums

export const edgeScore = defineKernel(op, {
  ...edgeScoring,
  wgsl,
  derived: chunked(() => Infinity, 1, CHUNK),
  grid: {
    forward_partial: ({ C, Q, R }, { WG }) => [Math.ceil((C! * Q! * R!) / WG!)],
    forward_sum: sumGrid,
  },
  cases: [
    ...ofGroups,
    { dims: { S: 1, R: 1, M: 3, D: 5, I: 1, G: 1, J: 2 } },
    { dims: { S: 3, R: 17, M: 9, D: 70, I: 8, G: 1, J: 2 }, attrs: { s0: 4 } },
    { dims: { S: 13, R: 9, M: 33, D: 16, I: 14, G: 1, J: 2 }, attrs: { s0: 1, seen: 6 } },
  ],
});
