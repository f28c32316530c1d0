import { defineKernel, poolRows as op } from '@circuit-tuning/core';
import wgsl from './poolRows.wgsl';

export const poolRows = defineKernel(op, {
  wgsl,
  grid: { forward: ({ S, B, D }, { WG }) => [Math.ceil((S! * B! * D!) / WG!)] },
  cases: [
    { dims: { S: 1, M: 3, D: 5, B: 1, J: 2 } },
    // Five examples on four rows: at least one has none.
    { dims: { S: 3, M: 4, D: 7, B: 5, J: 6 } },
    { dims: { S: 2, M: 37, D: 66, B: 3, J: 4 } },
  ],
  bytes: ({ S, M, B, D }) => 4 * (S! * M! * D! + S! * B! * D!),
  flops: ({ S, M, D }) => 2 * S! * M! * D!,
});
