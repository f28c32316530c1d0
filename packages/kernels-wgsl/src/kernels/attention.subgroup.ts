import { attention as op, defineKernel, type Size } from '@circuit-tuning/core';
import { flash, rowsGrid } from '../flash.js';
import wgsl from './attention.subgroup.wgsl';

const ROWS = 8;
const queries = ({ B, T, H }: Size): number[] => [Math.ceil(T! / ROWS), B! * H!];

export const attentionSubgroup = defineKernel(op, {
  ...flash,
  wgsl,
  rank: 20,
  needs: ['subgroups'],
  when: ({ E }, { subgroup }) => subgroup?.min === 8 && subgroup.max === 8 && E! % 4 === 0 && E! <= 64,
  // Below, the pattern is small and the naive kernel as fast, without two seconds of compiling.
  suits: ({ T }, { isSoftware }) => isSoftware && T! >= 48,
  constants: ({ E }) => ({ PARTS: Math.ceil(E! / 32) }),
  grid: {
    forward: queries,
    backward_rows: rowsGrid,
    backward_q: queries,
    backward_kv: ({ B, T, K }) => [Math.ceil(T! / ROWS), B! * K!, 2],
  },
  cases: [
    { dims: { B: 3, T: 49, H: 4, K: 2, E: 4 } },
    { dims: { B: 2, T: 70, H: 6, K: 1, E: 36 } },
    { dims: { B: 1, T: 64, H: 3, K: 3, E: 64 } },
  ],
});
