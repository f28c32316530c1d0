import { defineKernel, matmulTN as op } from '@circuit-tuning/core';
import { cost, split } from '../matmul.js';
import wgsl from './matmulTN.split.wgsl';

export const matmulTNSplit = defineKernel(op, {
  ...cost,
  ...split,
  wgsl,
  alias: { parts_in: 'parts' },
  grid: {
    forward_parts: split.blocks,
    forward_sum: split.sums,
  },
  cases: [{ dims: { M: 33, N: 70, K: 300 } }, { dims: { M: 65, N: 40, K: 19 } }],
});
