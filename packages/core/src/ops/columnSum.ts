import { defineOp } from '../op.js';

/** y[d] = Σ_n x[n, d]: the gradient of a bias. */
export const columnSum = defineOp({
  name: 'columnSum',
  inputs: { x: 'N D' },
  outputs: { y: 'D' },
  forward({ x }, { N, D }) {
    const y = new Float64Array(D);
    for (let n = 0; n < N; n++) for (let d = 0; d < D; d++) y[d]! += x[n * D + d]!;
    return { y };
  },
});
