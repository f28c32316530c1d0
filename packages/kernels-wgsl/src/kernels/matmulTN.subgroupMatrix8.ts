import { defineKernel, matmulTN as op } from '@circuit-tuning/core';
import { cost, halfCases, subgroupMatrix } from '../matmul.js';
import wgsl from './matmulTN.subgroupMatrix8.wgsl';

const matrices = subgroupMatrix(8);

export const matmulTNSubgroupMatrix8 = defineKernel(op, {
  ...cost,
  ...matrices,
  wgsl,
  grid: { forward_scales: matrices.scales, forward: matrices.grid },
  cases: halfCases.plain,
});
