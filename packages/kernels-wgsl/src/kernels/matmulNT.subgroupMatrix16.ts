import { defineKernel, matmulNT as op } from '@circuit-tuning/core';
import { cost, halfCases, subgroupMatrix } from '../matmul.js';
import wgsl from './matmulNT.subgroupMatrix16.wgsl';

const matrices = subgroupMatrix(16);

export const matmulNTSubgroupMatrix16 = defineKernel(op, {
  ...cost,
  ...matrices,
  wgsl,
  grid: { forward_scales: matrices.scales, forward: matrices.grid, forward_bias: matrices.grid },
  cases: halfCases.biased,
});
