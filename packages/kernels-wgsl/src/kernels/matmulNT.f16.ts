import { defineKernel, matmulNT as op } from '@circuit-tuning/core';
import { cost, half, halfCases } from '../matmul.js';
import wgsl from './matmulNT.f16.wgsl';

export const matmulNTF16 = defineKernel(op, {
  ...cost,
  ...half,
  wgsl,
  grid: { forward_scales: half.scales, forward: half.grid, forward_bias: half.grid },
  cases: halfCases.biased,
});
