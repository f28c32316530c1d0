import { defineKernel, sliceRows as op } from '@circuit-tuning/core';
import wgsl from './sliceRows.wgsl';

export const sliceRows = defineKernel(op, {
  wgsl,
  grid: { forward: ({ M, D }, { WG }) => [Math.ceil((M! * D!) / WG!)] },
  cases: [{ dims: { N: 3, D: 1, M: 3 } }, { dims: { N: 20, D: 30, M: 7 }, attrs: { n0: 8 } }],
  bytes: ({ M, D }) => 8 * M! * D!,
});
