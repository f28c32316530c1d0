import { defineKernel, embed as op } from '@circuit-tuning/core';
import { oneSubgroupARow } from '../rows.js';
import wgsl from './embed.wgsl';

export const embed = defineKernel(op, {
  wgsl,
  constants: oneSubgroupARow,
  grid: { forward: ({ N }) => [N!] },
  cases: [
    { dims: { N: 5, V: 3, D: 7 } },
    { dims: { N: 9, V: 5, D: 3 }, attrs: { first: 4 } },
    { dims: { N: 150, V: 20, D: 70 }, attrs: { first: 11 } },
  ],
  bytes: ({ N, D }) => 4 * (2 * N! * D! + N!),
});
