import { defineOp } from '../op.js';

/** y[n, m] = x[n, columns[m]]: of activations, or their gradients, those of the units that are tuned. */
export const gatherColumns = defineOp({
  name: 'gatherColumns',
  inputs: { x: 'N U', columns: 'M u32' },
  outputs: { y: 'N M' },
  example: ({ M, U }, random) => ({
    columns: Float64Array.from({ length: M! }, () => Math.floor(((random() + 1) / 2) * U!)),
  }),
  forward({ x, columns }, { N, U, M }) {
    const y = new Float64Array(N * M);
    for (let n = 0; n < N; n++) for (let m = 0; m < M; m++) y[n * M + m] = x[n * U + columns[m]!]!;
    return { y };
  },
});
