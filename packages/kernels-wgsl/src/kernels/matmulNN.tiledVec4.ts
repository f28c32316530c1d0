import { defineKernel, matmulNN as op } from '@circuit-tuning/core';
import { cost, tiled, tiledVec4 } from '../matmul.js';
import wgsl from './matmulNN.tiledVec4.wgsl';

export const matmulNNTiledVec4 = defineKernel(op, {
  ...cost,
  ...tiledVec4('K', 'N'),
  wgsl,
  grid: { forward: tiled.grid, forward_bias: tiled.grid },
  cases: [
    { dims: { M: 33, N: 72, K: 20 } },
    { dims: { M: 65, N: 40, K: 28 }, without: ['bias'] },
    { dims: { M: 70, N: 132, K: 64 } },
  ],
});
