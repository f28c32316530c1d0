import { defineKernel, rmsnorm as op } from '@circuit-tuning/core';
import wgsl from './rmsnorm.wgsl';

export const rmsnorm = defineKernel(op, {
  wgsl,
  alias: { rstd_in: 'rstd' },
  grid: {
    forward: ({ N }) => [N!],
    backward_x: ({ N }) => [N!],
    backward_gain: ({ D }, { WG }) => [Math.ceil(D! / WG!)],
  },
  cases: [{ dims: { N: 3, D: 5 } }, { dims: { N: 7, D: 130 } }, { dims: { N: 64, D: 192 } }],
  bytes: ({ N, D }) => 4 * (2 * N! * D! + D! + N!),
  flops: ({ N, D }) => 4 * N! * D!,
});
