import { defineKernel, edgeMix as op } from '@circuit-tuning/core';
import wgsl from './edgeMix.subgroup.wgsl';

const [ROWS, COLUMNS] = [8, 256]; // the tile of a workgroup, as in the .wgsl

/** For CPU adapters. */
export const edgeMixSubgroup = defineKernel(op, {
  wgsl,
  rank: 2,
  // One number, so that N · D may exceed what one dimension of a grid holds.
  grid: { forward: ({ R, N, D }) => [Math.ceil(R! / ROWS) * Math.ceil((N! * D!) / COLUMNS)] },
  needs: ['subgroups'],
  when: ({ D }, { isSoftware, subgroup }) => D! % 4 === 0 && isSoftware && subgroup?.min === 8 && subgroup.max === 8,
  cases: [
    { dims: { R: 1, N: 3, D: 8, S: 2, I: 2 } },
    { dims: { R: 9, N: 5, D: 132, S: 3, I: 9 }, attrs: { s0: 4 } },
    { dims: { R: 4, N: 8, D: 64, S: 13, I: 14 }, attrs: { s0: 1 } },
  ],
  bytes: ({ R, N, D, S }) => 4 * (2 * R! + S!) * N! * D!,
  flops: ({ R, N, D, S }) => 2 * R! * S! * N! * D!,
});
