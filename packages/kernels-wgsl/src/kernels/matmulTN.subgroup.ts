import { defineKernel, matmulTN as op } from '@circuit-tuning/core';
import { cost, subgroup } from '../matmul.js';
import wgsl from './matmulTN.subgroup.wgsl';

export const matmulTNSubgroup = defineKernel(op, {
  ...cost,
  ...subgroup,
  wgsl,
  grid: { forward: subgroup.grid },
  cases: [{ dims: { M: 33, N: 70, K: 17 } }, { dims: { M: 65, N: 41, K: 31 } }, { dims: { M: 70, N: 130, K: 64 } }],
});
