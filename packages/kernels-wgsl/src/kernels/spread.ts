import { defineKernel, spread as op } from '@circuit-tuning/core';
import wgsl from './spread.wgsl';

export const spread = defineKernel(op, {
  wgsl,
  grid: { forward: ({ N, D }, { WG }) => [Math.ceil((N! * D!) / WG!)] },
  cases: [{ dims: { R: 1, N: 1, D: 3 } }, { dims: { R: 5, N: 7, D: 30 } }],
  bytes: ({ R, N, D }) => 4 * (R! + 1) * N! * D!,
});
