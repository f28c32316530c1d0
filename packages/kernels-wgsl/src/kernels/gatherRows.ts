import { defineKernel, gatherRows as op } from '@circuit-tuning/core';
import wgsl from './gatherRows.wgsl';

export const gatherRows = defineKernel(op, {
  wgsl,
  grid: {
    forward: ({ M, D }, { WG }) => [Math.ceil((M! * D!) / WG!)],
    backward: ({ N, D }, { WG }) => [Math.ceil((N! * D!) / WG!)],
  },
  cases: [
    { dims: { N: 3, D: 5, M: 1, J: 4 } },
    { dims: { N: 9, D: 7, M: 13, J: 10 } },
    { dims: { N: 40, D: 65, M: 12, J: 41 } },
  ],
  bytes: ({ M, D }) => 4 * (2 * M! * D! + M!),
});
