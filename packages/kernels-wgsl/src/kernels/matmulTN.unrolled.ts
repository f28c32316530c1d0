import { defineKernel, matmulTN as op } from '@circuit-tuning/core';
import { cost, unrolled } from '../matmul.js';
import wgsl from './matmulTN.unrolled.wgsl';

export const matmulTNUnrolled = defineKernel(op, {
  ...cost,
  ...unrolled,
  wgsl,
  when: (dims, capabilities) => dims.M! % 4 === 0 && unrolled.when(dims, capabilities),
  grid: { forward: unrolled.grid },
  cases: [{ dims: { M: 68, N: 72, K: 18 } }, { dims: { M: 36, N: 4, K: 31 } }, { dims: { M: 64, N: 132, K: 64 } }],
});
