import { defineKernel, gelu as op } from '@circuit-tuning/core';
import { elementwise4 } from '../elementwise.js';
import wgsl from './gelu.vec4.wgsl';

export const geluVec4 = defineKernel(op, {
  ...elementwise4,
  wgsl,
  grid: { forward: elementwise4.grid, backward: elementwise4.grid },
  cases: [{ dims: { N: 68 } }, { dims: { N: 68 }, attrs: { exact: 1 } }, { dims: { N: 5000 } }],
  bytes: ({ N }) => 8 * N!,
});
