import { defineKernel, scale as op } from '@circuit-tuning/core';
import { elementwise } from '../elementwise.js';
import wgsl from './scale.wgsl';

export const scale = defineKernel(op, {
  wgsl,
  constants: elementwise.constants,
  grid: { forward: elementwise.grid },
  cases: [
    { dims: { N: 1 }, attrs: { s: 2 } },
    { dims: { N: 65 }, attrs: { s: -0.5 } },
    { dims: { N: 4099 }, attrs: { s: 0.25 } },
  ],
  bytes: ({ N }) => 8 * N!,
  flops: ({ N }) => N!,
});
