import { defineKernel, matmulNT as op } from '@circuit-tuning/core';
import { cost, unrolled8 } from '../matmul.js';
import wgsl from './matmulNT.unrolled8.wgsl';

export const matmulNTUnrolled8 = defineKernel(op, {
  ...cost,
  ...unrolled8,
  wgsl,
  grid: { forward: unrolled8.grid, forward_bias: unrolled8.grid },
  cases: [
    { dims: { M: 5, N: 36, K: 28 } },
    { dims: { M: 11, N: 4, K: 4 }, without: ['bias'] },
    { dims: { M: 8, N: 132, K: 64 } },
  ],
});
