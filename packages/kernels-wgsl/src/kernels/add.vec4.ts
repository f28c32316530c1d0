import { add as op, defineKernel } from '@circuit-tuning/core';
import { elementwise4 } from '../elementwise.js';
import wgsl from './add.vec4.wgsl';

export const addVec4 = defineKernel(op, {
  ...elementwise4,
  wgsl,
  grid: { forward: elementwise4.grid },
  cases: [{ dims: { N: 4 } }, { dims: { N: 68 } }, { dims: { N: 5000 } }],
  bytes: ({ N }) => 12 * N!,
  flops: ({ N }) => N!,
});
