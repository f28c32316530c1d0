import { defineKernel, widen as op } from '@circuit-tuning/core';
import { elementwise } from '../elementwise.js';
import wgsl from './widen.wgsl';

export const widen = defineKernel(op, {
  wgsl,
  constants: elementwise.constants,
  grid: { forward: elementwise.grid },
  cases: [{ dims: { N: 1 } }, { dims: { N: 65 } }, { dims: { N: 4099 } }],
  bytes: ({ N }) => 6 * N!,
});
