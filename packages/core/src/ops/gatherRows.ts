import { defineOp } from '../op.js';

/**
 * y[m] = x[rows[m]]: the positions that a loss looks at, one row for each of its answers.
 * `rows` is sorted, and starts[n] <= m < starts[n + 1] are the m with rows[m] = n (J = N + 1). So a row's gradient is a sum
 * over one range, in order: dX[n] = Σ dY[m] over it, 0 when it is empty.
 */
export const gatherRows = defineOp({
  name: 'gatherRows',
  inputs: { x: 'N D', rows: 'M u32', starts: 'J u32' },
  outputs: { y: 'M D' },
  example({ N, M }, random) {
    const rows = Float64Array.from({ length: M! }, () => Math.floor(((random() + 1) / 2) * N!)).toSorted();
    const starts = Float64Array.from({ length: N! + 1 }, (_, n) => rows.filter((row) => row < n).length);
    return { rows, starts };
  },
  forward({ x, rows }, { M, D }) {
    const y = new Float64Array(M * D);
    for (let m = 0; m < M; m++) y.set(x.subarray(rows[m]! * D, (rows[m]! + 1) * D), m * D);
    return { y };
  },
  backward({ starts, dY }, { N, D }) {
    const dX = new Float64Array(N * D);
    for (let n = 0; n < N; n++)
      for (let m = starts[n]!; m < starts[n + 1]!; m++) for (let d = 0; d < D; d++) dX[n * D + d]! += dY[m * D + d]!;
    return { dX };
  },
});
