import { defineKernel, stackSources as op } from '@circuit-tuning/core';
import { oneSubgroupARow } from '../rows.js';
import wgsl from './stackSources.wgsl';

export const stackSources = defineKernel(op, {
  wgsl,
  constants: oneSubgroupARow,
  grid: { forward: ({ G, M }) => [G! * M!] },
  cases: [{ dims: { G: 1, M: 1, D: 3, S: 1 } }, { dims: { G: 3, M: 7, D: 300, S: 8 }, attrs: { s0: 4 } }],
  bytes: ({ G, M, D }) => 8 * G! * M! * D!,
});
