import { adamw as op, defineKernel } from '@circuit-tuning/core';
import { oneSubgroupARow } from '../rows.js';
import wgsl from './adamw.wgsl';

export const adamw = defineKernel(op, {
  wgsl,
  constants: oneSubgroupARow,
  alias: { age_in: 'age' },
  // Two entries: with `age` beside the rest read and written, one would bind nine buffers, and eight are portable.
  grid: { forward_update: ({ M }) => [M!], forward_age: ({ M }, { WG }) => [Math.ceil(M! / WG!)] },
  cases: [
    { dims: { A: 15, G: 15, N: 15, U: 15, M: 3, Q: 6, J: 8, O: 1 } },
    { dims: { A: 2300, G: 2210, N: 2400, U: 2220, M: 17, Q: 6, J: 8, O: 1 } },
    { dims: { A: 70, G: 70, N: 99, U: 71, M: 70, Q: 6, J: 8, O: 1 } },
  ],
  bytes: ({ G }) => 28 * G!,
  flops: ({ G }) => 16 * G!,
});
