import { defineKernel, matmulTN as op } from '@circuit-tuning/core';
import { cost, tiled, tiledVec4 } from '../matmul.js';
import wgsl from './matmulTN.tiledVec4.wgsl';

export const matmulTNTiledVec4 = defineKernel(op, {
  ...cost,
  ...tiledVec4('M', 'N'),
  wgsl,
  grid: { forward: tiled.grid },
  cases: [{ dims: { M: 36, N: 72, K: 17 } }, { dims: { M: 68, N: 40, K: 31 } }, { dims: { M: 72, N: 132, K: 64 } }],
});
