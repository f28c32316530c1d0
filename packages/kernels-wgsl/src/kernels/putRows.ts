import { defineKernel, putRows as op } from '@circuit-tuning/core';
import wgsl from './putRows.wgsl';

export const putRows = defineKernel(op, {
  wgsl,
  grid: { forward: ({ N, D }, { WG }) => [Math.ceil((N! * D!) / WG!)] },
  cases: [{ dims: { N: 1, V: 3, D: 5 } }, { dims: { N: 9, V: 11, D: 18 } }],
  bytes: ({ N, D }) => 8 * N! * D!,
});
