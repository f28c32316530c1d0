import { defineKernel, rope as op } from '@circuit-tuning/core';
import wgsl from './rope.wgsl';

export const rope = defineKernel(op, {
  wgsl,
  grid: { forward: ({ N, J }, { WG }) => [Math.ceil((N! * J!) / WG!)] },
  cases: [
    { dims: { N: 3, H: 2, E: 6, J: 3 } },
    { dims: { N: 3, H: 1, E: 2, J: 1 }, attrs: { inverse: 1 } },
    { dims: { N: 37, H: 3, E: 16, J: 8 } },
  ],
  bytes: ({ N, H, E }) => 8 * N! * H! * E!,
  flops: ({ N, H, E }) => 3 * N! * H! * E!,
});
