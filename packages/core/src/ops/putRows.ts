import { defineOp } from '../op.js';

/**
 * put[rows[n]] = x[n]; the other rows stay as they are. A row number of V or more is of no row: that x[n] is dropped.
 * No two numbers below V may be equal. It is what gatherRows.ts does, back: a new token's keys among those of its text.
 */
export const putRows = defineOp({
  name: 'putRows',
  inputs: { into: 'V D', rows: 'N u32', x: 'N D' },
  outputs: { put: 'V D' },
  inPlace: { put: 'into' },
  // From the last row down, in twos; what would be below the first is of no row.
  example: ({ N, V }) => ({
    rows: Float64Array.from({ length: N! }, (_, n) => (2 * n < V! ? V! - 1 - 2 * n : V! + n)),
  }),
  forward({ into, rows, x }, { N, V, D }) {
    const put = into.slice();
    for (let n = 0; n < N; n++) if (rows[n]! < V) put.set(x.subarray(n * D, (n + 1) * D), rows[n]! * D);
    return { put };
  },
});
