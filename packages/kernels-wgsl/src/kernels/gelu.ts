import { defineKernel, gelu as op } from '@circuit-tuning/core';
import { elementwise } from '../elementwise.js';
import wgsl from './gelu.wgsl';

export const gelu = defineKernel(op, {
  wgsl,
  constants: elementwise.constants,
  grid: { forward: elementwise.grid, backward: elementwise.grid },
  cases: [{ dims: { N: 65 } }, { dims: { N: 65 }, attrs: { exact: 1 } }, { dims: { N: 4099 } }],
  bytes: ({ N }) => 8 * N!,
});
