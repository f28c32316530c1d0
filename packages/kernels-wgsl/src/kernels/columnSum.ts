import { columnSum as op, defineKernel } from '@circuit-tuning/core';
import wgsl from './columnSum.wgsl';

export const columnSum = defineKernel(op, {
  wgsl,
  grid: { forward: ({ D }, { WG }) => [Math.ceil(D! / WG!)] },
  cases: [{ dims: { N: 1, D: 1 } }, { dims: { N: 37, D: 130 } }],
  bytes: ({ N, D }) => 4 * (N! * D! + D!),
  flops: ({ N, D }) => N! * D!,
});
