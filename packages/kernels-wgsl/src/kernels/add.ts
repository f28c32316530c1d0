import { add as op, defineKernel } from '@circuit-tuning/core';
import { elementwise } from '../elementwise.js';
import wgsl from './add.wgsl';

export const add = defineKernel(op, {
  wgsl,
  constants: elementwise.constants,
  grid: { forward: elementwise.grid },
  cases: [{ dims: { N: 1 } }, { dims: { N: 65 } }, { dims: { N: 4099 } }],
  bytes: ({ N }) => 12 * N!,
  flops: ({ N }) => N!,
});
