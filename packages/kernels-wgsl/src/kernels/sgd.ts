import { defineKernel, sgd as op } from '@circuit-tuning/core';
import { oneSubgroupARow } from '../rows.js';
import wgsl from './sgd.wgsl';

export const sgd = defineKernel(op, {
  wgsl,
  constants: oneSubgroupARow,
  grid: { forward: ({ M }) => [M!] },
  cases: [
    { dims: { A: 15, G: 15, N: 15, M: 3, Q: 6, J: 8, O: 1 } },
    { dims: { A: 2300, G: 2210, N: 2400, M: 17, Q: 6, J: 8, O: 1 } },
    { dims: { A: 70, G: 70, N: 99, M: 70, Q: 6, J: 8, O: 1 } },
  ],
  bytes: ({ G }) => 20 * G!,
  flops: ({ G }) => 7 * G!,
});
