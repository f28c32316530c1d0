import { defineKernel, pickLogits as op } from '@circuit-tuning/core';
import { elementwise } from '../elementwise.js';
import wgsl from './pickLogits.wgsl';

export const pickLogits = defineKernel(op, {
  wgsl,
  constants: elementwise.constants,
  alias: { lse_out: 'lse' },
  grid: {
    forward: ({ M }) => [M!],
    forward_carry: ({ M }) => [M!],
    backward_logits: ({ M, V }, { WG, EACH }) => [Math.ceil(V! / (WG! * EACH!)), M!],
    backward_carry: ({ M }, { WG }) => [Math.ceil(M! / WG!)],
  },
  cases: [
    { dims: { M: 3, V: 5, P: 2 } },
    { dims: { M: 4, V: 7, P: 1 }, without: ['lseIn', 'pickedIn'] },
    { dims: { M: 5, V: 600, P: 3 }, attrs: { first: 300 } },
  ],
  bytes: ({ M, V, P }) => 4 * (M! * V! + M! + 2 * M! * P!),
});
