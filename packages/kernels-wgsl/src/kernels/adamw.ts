import { adamw as op, defineKernel } from '@circuit-tuning/core';
import { oneSubgroupARow } from '../rows.js';
import wgsl from './adamw.wgsl';

export const adamw = defineKernel(op, {
  wgsl,
  constants: oneSubgroupARow,
  alias: { age_in: 'age' },
  // Two entries: with `age` beside the rest read and written, one would bind nine buffers, and eight are portable.
  grid: { forward_update: ({ U }) => [U!], forward_age: ({ U }, { WG }) => [Math.ceil(U! / WG!)] },
  cases: [
    { dims: { U: 3, D: 5, J: 8, O: 1 } },
    { dims: { U: 17, D: 130, J: 8, O: 1 } },
    { dims: { U: 70, D: 1, J: 8, O: 1 } },
  ],
  bytes: ({ U, D }) => 28 * U! * D!,
  flops: ({ U, D }) => 16 * U! * D!,
});
