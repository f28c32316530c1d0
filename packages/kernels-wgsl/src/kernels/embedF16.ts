import { defineKernel, embedF16 as op } from '@circuit-tuning/core';
import { oneSubgroupARow } from '../rows.js';
import wgsl from './embedF16.wgsl';

export const embedF16 = defineKernel(op, {
  wgsl,
  constants: oneSubgroupARow,
  grid: { forward: ({ N }) => [N!] },
  cases: [
    { dims: { N: 5, V: 3, D: 7 } },
    { dims: { N: 9, V: 5, D: 3 }, attrs: { first: 4 } },
    { dims: { N: 150, V: 20, D: 70 }, attrs: { first: 11 } },
  ],
  bytes: ({ N, D }) => 6 * N! * D! + 4 * N!,
});
