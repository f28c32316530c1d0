import { defineKernel, matmulNN as op } from '@circuit-tuning/core';
import { cost, subgroup } from '../matmul.js';
import wgsl from './matmulNN.subgroup.wgsl';

export const matmulNNSubgroup = defineKernel(op, {
  ...cost,
  ...subgroup,
  wgsl,
  grid: { forward: subgroup.grid, forward_bias: subgroup.grid },
  cases: [
    { dims: { M: 7, N: 70, K: 67 } },
    { dims: { M: 33, N: 41, K: 31 }, without: ['bias'] },
    { dims: { M: 24, N: 130, K: 64 } },
  ],
});
