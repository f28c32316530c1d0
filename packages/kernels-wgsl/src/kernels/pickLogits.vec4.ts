import { defineKernel, pickLogits as op } from '@circuit-tuning/core';
import { elementwise4 } from '../elementwise.js';
import wgsl from './pickLogits.vec4.wgsl';

export const pickLogitsVec4 = defineKernel(op, {
  wgsl,
  rank: 10,
  when: ({ V }) => V! % 4 === 0,
  constants: elementwise4.constants,
  alias: { lse_out: 'lse' },
  grid: {
    forward: ({ M }) => [M!],
    forward_carry: ({ M }) => [M!],
    backward_logits: ({ M, V }, { WG, EACH }) => [Math.ceil(V! / (4 * WG! * EACH!)), M!],
    backward_carry: ({ M }, { WG }) => [Math.ceil(M! / WG!)],
  },
  cases: [
    { dims: { M: 3, V: 8, P: 2 } },
    { dims: { M: 4, V: 12, P: 1 }, without: ['lseIn', 'pickedIn'] },
    { dims: { M: 5, V: 600, P: 3 }, attrs: { first: 300 } },
  ],
  bytes: ({ M, V, P }) => 4 * (M! * V! + M! + 2 * M! * P!),
});
