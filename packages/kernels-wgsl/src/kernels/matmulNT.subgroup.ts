import { defineKernel, matmulNT as op } from '@circuit-tuning/core';
import { cost, subgroup } from '../matmul.js';
import wgsl from './matmulNT.subgroup.wgsl';

export const matmulNTSubgroup = defineKernel(op, {
  ...cost,
  ...subgroup,
  wgsl,
  when: (dims, capabilities) => dims.K! % 4 === 0 && subgroup.when(dims, capabilities),
  grid: { forward: subgroup.grid, forward_bias: subgroup.grid },
  cases: [
    { dims: { M: 7, N: 70, K: 68 } },
    { dims: { M: 33, N: 41, K: 28 }, without: ['bias'] },
    { dims: { M: 24, N: 130, K: 64 } },
  ],
});
