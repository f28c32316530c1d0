import { defineOp } from '../op.js';

/**
 * sum[v] = total[v] + Σ x[n] over the n with ids[n] = first + v, in the order of n; without total, which then counts as 0.
 * Ids that are not of first <= id < first + V add nothing. It is what embed.ts does, back: the gradient of an embedding.
 */
export const scatterRows = defineOp({
  name: 'scatterRows',
  inputs: { total: 'V D', ids: 'N u32', x: 'N D' },
  optional: ['total'],
  outputs: { sum: 'V D' },
  inPlace: { sum: 'total' },
  attrs: { first: 0 },
  // Two ids beyond either end, and few enough tokens that most repeat.
  example: ({ N, V, first }, random) => ({
    ids: Float64Array.from({ length: N! }, () => Math.max(0, first! - 2 + Math.floor(((random() + 1) / 2) * (V! + 4)))),
  }),
  forward({ total, ids, x }, { N, V, D, first }) {
    const sum = total ? total.slice() : new Float64Array(V * D);
    for (let n = 0; n < N; n++) {
      const v = ids[n]! - first;
      if (v >= 0 && v < V) for (let d = 0; d < D; d++) sum[v * D + d]! += x[n * D + d]!;
    }
    return { sum };
  },
});
