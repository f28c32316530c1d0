import { defineKernel, matmulNN as op } from '@circuit-tuning/core';
import { cost, unrolled16 } from '../matmul.js';
import wgsl from './matmulNN.unrolled16.wgsl';

export const matmulNNUnrolled16 = defineKernel(op, {
  ...cost,
  ...unrolled16,
  wgsl,
  grid: { forward: unrolled16.grid, forward_bias: unrolled16.grid },
  cases: [
    { dims: { M: 5, N: 36, K: 28 } },
    { dims: { M: 19, N: 4, K: 4 }, without: ['bias'] },
    { dims: { M: 16, N: 132, K: 64 } },
  ],
});
