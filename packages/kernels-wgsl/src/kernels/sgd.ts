import { defineKernel, sgd as op } from '@circuit-tuning/core';
import { oneSubgroupARow } from '../rows.js';
import wgsl from './sgd.wgsl';

export const sgd = defineKernel(op, {
  wgsl,
  constants: oneSubgroupARow,
  grid: { forward: ({ U }) => [U!] },
  cases: [
    { dims: { U: 3, D: 5, J: 8, O: 1 } },
    { dims: { U: 17, D: 130, J: 8, O: 1 } },
    { dims: { U: 70, D: 1, J: 8, O: 1 } },
  ],
  bytes: ({ U, D }) => 20 * U! * D!,
  flops: ({ U, D }) => 7 * U! * D!,
});
