import { defineKernel, matmulNN as op } from '@circuit-tuning/core';
import { cost, tiled } from '../matmul.js';
import wgsl from './matmulNN.tiled.wgsl';

export const matmulNNTiled = defineKernel(op, {
  ...cost,
  ...tiled,
  wgsl,
  grid: { forward: tiled.grid, forward_bias: tiled.grid },
  cases: [
    { dims: { M: 33, N: 70, K: 17 } },
    { dims: { M: 65, N: 40, K: 31 }, without: ['bias'] },
    { dims: { M: 70, N: 130, K: 64 } },
  ],
});
