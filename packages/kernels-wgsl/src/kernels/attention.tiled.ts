import { attention as op, defineKernel, type Size } from '@circuit-tuning/core';
import { flash, rowsGrid } from '../flash.js';
import wgsl from './attention.tiled.wgsl';

const ROWS = 64;
const queries = ({ B, T, H }: Size): number[] => [Math.ceil(T! / ROWS), B! * H!];

export const attentionTiled = defineKernel(op, {
  ...flash,
  wgsl,
  rank: 10,
  when: ({ E }) => E! % 4 === 0 && E! <= 128,
  suits: (_dims, { isSoftware }) => !isSoftware,
  constants: ({ E }) => ({ QUARTER: E! / 4 }),
  grid: {
    forward: queries,
    backward_rows: rowsGrid,
    backward_q: queries,
    backward_kv: ({ B, T, K }) => [Math.ceil(T! / ROWS), B! * K!, 2],
  },
  cases: [
    { dims: { B: 3, T: 7, H: 4, K: 2, E: 4 } },
    { dims: { B: 2, T: 70, H: 6, K: 1, E: 12 } },
    { dims: { B: 1, T: 1, H: 1, K: 1, E: 4 } },
  ],
});
