import { defineKernel, matmulNN as op } from '@circuit-tuning/core';
import { cost, halfCases, subgroupMatrix } from '../matmul.js';
import wgsl from './matmulNN.subgroupMatrix8.wgsl';

const matrices = subgroupMatrix(8);

export const matmulNNSubgroupMatrix8 = defineKernel(op, {
  ...cost,
  ...matrices,
  wgsl,
  grid: { forward_scales: matrices.scales, forward: matrices.grid, forward_bias: matrices.grid },
  cases: halfCases.biased,
});
