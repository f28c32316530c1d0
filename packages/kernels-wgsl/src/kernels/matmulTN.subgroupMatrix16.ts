import { defineKernel, matmulTN as op } from '@circuit-tuning/core';
import { cost, halfCases, subgroupMatrix } from '../matmul.js';
import wgsl from './matmulTN.subgroupMatrix16.wgsl';

const matrices = subgroupMatrix(16);

export const matmulTNSubgroupMatrix16 = defineKernel(op, {
  ...cost,
  ...matrices,
  wgsl,
  grid: { forward_scales: matrices.scales, forward: matrices.grid },
  cases: halfCases.plain,
});
