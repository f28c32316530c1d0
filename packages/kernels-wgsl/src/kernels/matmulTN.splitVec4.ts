import { defineKernel, matmulTN as op } from '@circuit-tuning/core';
import { cost, splitVec4 } from '../matmul.js';
import wgsl from './matmulTN.splitVec4.wgsl';

const common = splitVec4('M', 'N');

export const matmulTNSplitVec4 = defineKernel(op, {
  ...cost,
  ...common,
  wgsl,
  alias: { parts_in: 'parts' },
  grid: {
    forward_parts: common.blocks,
    forward_sum: common.sums,
  },
  cases: [{ dims: { M: 36, N: 72, K: 300 } }, { dims: { M: 68, N: 40, K: 19 } }],
});
