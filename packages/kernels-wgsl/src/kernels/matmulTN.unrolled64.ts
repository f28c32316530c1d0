import { defineKernel, matmulTN as op } from '@circuit-tuning/core';
import { cost, unrolled64 } from '../matmul.js';
import wgsl from './matmulTN.unrolled64.wgsl';

export const matmulTNUnrolled64 = defineKernel(op, {
  ...cost,
  ...unrolled64,
  wgsl,
  grid: { forward: unrolled64.grid },
  cases: [{ dims: { M: 7, N: 32, K: 18 } }, { dims: { M: 70, N: 45, K: 31 } }, { dims: { M: 64, N: 96, K: 64 } }],
});
