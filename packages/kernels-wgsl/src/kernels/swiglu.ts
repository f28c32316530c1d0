import { defineKernel, swiglu as op } from '@circuit-tuning/core';
import { elementwise } from '../elementwise.js';
import wgsl from './swiglu.wgsl';

export const swiglu = defineKernel(op, {
  wgsl,
  constants: elementwise.constants,
  grid: { forward: elementwise.grid, backward: elementwise.grid },
  cases: [{ dims: { N: 7 } }, { dims: { N: 65 } }, { dims: { N: 4099 } }],
  bytes: ({ N }) => 12 * N!,
});
