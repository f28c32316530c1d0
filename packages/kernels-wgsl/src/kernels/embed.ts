import { defineKernel, embed as op } from '@circuit-tuning/core';
import { oneSubgroupARow } from '../rows.js';
import wgsl from './embed.wgsl';

export const embed = defineKernel(op, {
  wgsl,
  constants: oneSubgroupARow,
  alias: { following_in: 'following', leading_in: 'leading' },
  scratch: { following: 'N u32', leading: 'N u32' },
  grid: {
    forward: ({ N }) => [N!],
    backward_links: ({ N }, { WG }) => [Math.ceil(N! / WG!)],
    backward_clear: ({ V }) => [V!],
    backward_rows: ({ N }) => [N!],
  },
  cases: [
    { dims: { N: 5, V: 3, D: 7 } },
    { dims: { N: 9, V: 5, D: 3 }, attrs: { first: 4 } },
    { dims: { N: 150, V: 20, D: 70 }, attrs: { first: 11 } },
  ],
  bytes: ({ N, D }) => 4 * (2 * N! * D! + N!),
});
