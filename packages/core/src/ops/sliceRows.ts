import { defineOp } from '../op.js';

/** y[m] = x[n0 + m]: M rows that follow each other. Give M in `dims`. Not differentiated: it cuts what was computed. */
export const sliceRows = defineOp({
  name: 'sliceRows',
  inputs: { x: 'N D' },
  outputs: { y: 'M D' },
  attrs: { n0: 0 },
  forward({ x }, { M, D, n0 }) {
    return { y: x.slice(n0 * D, (n0 + M) * D) };
  },
});
