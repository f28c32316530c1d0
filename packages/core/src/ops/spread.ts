import { defineOp } from '../op.js';

/** y[r] = x for every r: one residual stream becomes one for each of R reads. Give R in `dims`. */
export const spread = defineOp({
  name: 'spread',
  inputs: { x: 'N D' },
  outputs: { y: 'R N D' },
  forward({ x }, { R, N, D }) {
    const y = new Float64Array(R * N * D);
    for (let r = 0; r < R; r++) y.set(x, r * N * D);
    return { y };
  },
});
