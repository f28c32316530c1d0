import { defineOp } from '../op.js';

/**
 * y[s, b, d] = Σ_{m = starts[b]}^{starts[b+1] − 1} weight[m] · x[s, m, d]: one row an example from the rows of its positions.
 * J = B + 1: the first row of every example, then the end. An example without rows is 0. Give B and J in `dims`.
 */
export const poolRows = defineOp({
  name: 'poolRows',
  inputs: { x: 'S M D', weight: 'M', starts: 'J u32' },
  outputs: { y: 'S B D' },
  example: ({ M, J }, random) => {
    const cuts = Array.from({ length: J! - 2 }, () => Math.floor(((random() + 1) / 2) * (M! + 1)));
    return { starts: Float64Array.from([0, ...cuts.sort((a, b) => a - b), M!]) };
  },
  forward({ x, weight, starts }, { S, M, D, B }) {
    const y = new Float64Array(S * B * D);
    for (let s = 0; s < S; s++)
      for (let b = 0; b < B; b++)
        for (let m = starts[b]!; m < starts[b + 1]!; m++)
          for (let d = 0; d < D; d++) y[(s * B + b) * D + d]! += weight[m]! * x[(s * M + m) * D + d]!;
    return { y };
  },
});
