import { defineKernel, widen as op } from '@circuit-tuning/core';
import { elementwise4 } from '../elementwise.js';
import wgsl from './widen.vec4.wgsl';

export const widenVec4 = defineKernel(op, {
  ...elementwise4,
  wgsl,
  grid: { forward: elementwise4.grid },
  cases: [{ dims: { N: 4 } }, { dims: { N: 68 } }, { dims: { N: 5000 } }],
  bytes: ({ N }) => 6 * N!,
});
