import { defineKernel, matmulNN as op } from '@circuit-tuning/core';
import { cost, unrolled } from '../matmul.js';
import wgsl from './matmulNN.unrolled.wgsl';

export const matmulNNUnrolled = defineKernel(op, {
  ...cost,
  ...unrolled,
  wgsl,
  when: (dims, capabilities) => dims.K! % 4 === 0 && unrolled.when(dims, capabilities),
  grid: { forward: unrolled.grid, forward_bias: unrolled.grid },
  cases: [
    { dims: { M: 7, N: 72, K: 68 } },
    { dims: { M: 33, N: 4, K: 28 }, without: ['bias'] },
    { dims: { M: 64, N: 132, K: 64 } },
  ],
});
