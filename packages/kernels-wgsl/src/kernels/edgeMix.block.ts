import { defineKernel, edgeMix as op } from '@circuit-tuning/core';
import wgsl from './edgeMix.block.wgsl';

const [ROWS, COLUMNS] = [4, 4]; // the tile of a thread, as in the .wgsl

/** For CPU adapters whose subgroups `subgroup` does not serve, such as SwiftShader. */
export const edgeMixBlock = defineKernel(op, {
  wgsl,
  rank: 1,
  // One number, so that N · D may exceed what one dimension of a grid holds.
  grid: { forward: ({ R, N, D }, { WG }) => [Math.ceil(R! / ROWS) * Math.ceil((N! * D!) / (COLUMNS * WG!))] },
  when: ({ D }, { isSoftware }) => D! % 4 === 0 && isSoftware,
  cases: [
    { dims: { R: 1, N: 3, D: 8, S: 2, I: 2 } },
    { dims: { R: 7, N: 5, D: 132, S: 3, I: 9 }, attrs: { s0: 4 } },
    { dims: { R: 4, N: 8, D: 64, S: 13, I: 14 }, attrs: { s0: 1 } },
  ],
  bytes: ({ R, N, D, S }) => 4 * (2 * R! + S!) * N! * D!,
  flops: ({ R, N, D, S }) => 2 * R! * S! * N! * D!,
});
