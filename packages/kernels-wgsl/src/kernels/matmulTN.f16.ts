import { defineKernel, matmulTN as op } from '@circuit-tuning/core';
import { cost, half, halfCases } from '../matmul.js';
import wgsl from './matmulTN.f16.wgsl';

export const matmulTNF16 = defineKernel(op, {
  ...cost,
  ...half,
  wgsl,
  grid: { forward_scales: half.scales, forward: half.grid },
  cases: halfCases.plain,
});
