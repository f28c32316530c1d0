import { defineKernel, matmulNN as op } from '@circuit-tuning/core';
import { cost, unrolled64 } from '../matmul.js';
import wgsl from './matmulNN.unrolled64.wgsl';

export const matmulNNUnrolled64 = defineKernel(op, {
  ...cost,
  ...unrolled64,
  wgsl,
  when: (dims, capabilities) => dims.K! % 4 === 0 && unrolled64.when(dims, capabilities),
  grid: { forward: unrolled64.grid, forward_bias: unrolled64.grid },
  cases: [
    { dims: { M: 7, N: 32, K: 68 } },
    { dims: { M: 70, N: 45, K: 28 }, without: ['bias'] },
    { dims: { M: 64, N: 96, K: 64 } },
  ],
});
