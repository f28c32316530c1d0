import { defineKernel, matmulNT as op } from '@circuit-tuning/core';
import { cost, tiled, tiledVec4 } from '../matmul.js';
import wgsl from './matmulNT.tiledVec4.wgsl';

export const matmulNTTiledVec4 = defineKernel(op, {
  ...cost,
  ...tiledVec4('K'),
  wgsl,
  grid: { forward: tiled.grid, forward_bias: tiled.grid },
  cases: [
    { dims: { M: 33, N: 70, K: 20 } },
    { dims: { M: 65, N: 41, K: 28 }, without: ['bias'] },
    { dims: { M: 70, N: 130, K: 64 } },
  ],
});
