import { defineKernel, rmsnorm as op } from '@circuit-tuning/core';
import wgsl from './rmsnorm.thread.wgsl';

export const rmsnormThread = defineKernel(op, {
  wgsl,
  rank: 10,
  when: ({ D }, { isSoftware }) => isSoftware && D! % 4 === 0,
  alias: { rstd_in: 'rstd' },
  grid: {
    forward: ({ N }, { WG }) => [Math.ceil(N! / WG!)],
    backward_x: ({ N }, { WG }) => [Math.ceil(N! / WG!)],
    backward_gain: ({ D }, { WG }) => [Math.ceil(D! / (4 * WG!))],
  },
  cases: [{ dims: { N: 3, D: 4 } }, { dims: { N: 7, D: 132 } }, { dims: { N: 64, D: 192 } }],
  bytes: ({ N, D }) => 4 * (2 * N! * D! + D! + N!),
  flops: ({ N, D }) => 4 * N! * D!,
});
