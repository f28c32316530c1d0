import { defineKernel, scatterRows as op } from '@circuit-tuning/core';
import { oneSubgroupARow } from '../rows.js';
import wgsl from './scatterRows.wgsl';

export const scatterRows = defineKernel(op, {
  wgsl,
  constants: oneSubgroupARow,
  alias: { following_in: 'following', leading_in: 'leading' },
  scratch: { following: 'N u32', leading: 'N u32' },
  grid: {
    forward_links: ({ N }, { WG }) => [Math.ceil(N! / WG!)],
    forward_clear: ({ V }) => [V!],
    forward_rows: ({ N }) => [N!],
    forward_rows_total: ({ N }) => [N!],
  },
  cases: [
    { dims: { N: 5, V: 3, D: 7 } },
    { dims: { N: 9, V: 5, D: 3 }, attrs: { first: 4 }, without: ['total'] },
    { dims: { N: 150, V: 20, D: 70 }, attrs: { first: 11 } },
    { dims: { N: 150, V: 20, D: 70 }, attrs: { first: 11 }, without: ['total'] },
  ],
  bytes: ({ N, D }) => 4 * (3 * N! * D! + N!),
});
