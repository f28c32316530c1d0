import { defineKernel, matmulTN as op } from '@circuit-tuning/core';
import { cost, tiled } from '../matmul.js';
import wgsl from './matmulTN.tiled.wgsl';

export const matmulTNTiled = defineKernel(op, {
  ...cost,
  ...tiled,
  wgsl,
  grid: { forward: tiled.grid },
  cases: [{ dims: { M: 33, N: 70, K: 17 } }, { dims: { M: 65, N: 41, K: 31 } }, { dims: { M: 70, N: 130, K: 64 } }],
});
