import { defineKernel, matmulNN as op } from '@circuit-tuning/core';
import { cost, splitVec4 } from '../matmul.js';
import wgsl from './matmulNN.splitVec4.wgsl';

const common = splitVec4('K', 'N');

export const matmulNNSplitVec4 = defineKernel(op, {
  ...cost,
  ...common,
  wgsl,
  alias: { parts_in: 'parts' },
  grid: {
    forward_parts: common.blocks,
    forward_sum: common.sums,
  },
  cases: [
    { dims: { M: 33, N: 72, K: 300 }, without: ['bias'] },
    { dims: { M: 65, N: 40, K: 20 }, without: ['bias'] },
  ],
});
