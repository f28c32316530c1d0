import { defineOp } from '../op.js';

/** y[n, d] = x[n, d] − row[d]: the difference to one mean activation, the same at every position. */
export const subRow = defineOp({
  name: 'subRow',
  inputs: { x: 'N D', row: 'D' },
  outputs: { y: 'N D' },
  forward: ({ x, row }, { D }) => ({ y: x.map((value, i) => value - row[i % D]!) }),
});
