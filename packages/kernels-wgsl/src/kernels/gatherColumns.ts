import { defineKernel, gatherColumns as op } from '@circuit-tuning/core';
import { elementwise } from '../elementwise.js';
import wgsl from './gatherColumns.wgsl';

export const gatherColumns = defineKernel(op, {
  wgsl,
  constants: elementwise.constants,
  grid: { forward: ({ N, M }, { WG, EACH }) => [Math.ceil(M! / (WG! * EACH!)), N!] },
  cases: [{ dims: { N: 1, U: 3, M: 2 } }, { dims: { N: 7, U: 90, M: 65 } }, { dims: { N: 3, U: 40, M: 1100 } }],
  bytes: ({ N, M }) => 4 * (2 * N! * M! + M!),
});
