/**
 * A matrix product for each of G groups (attention heads) in one call. x and y may be flat [N, G·E]: give G and E in `dims`.
 */
import { defineOp } from '../op.js';

/**
 * y[g, n, d] = Σ_e x[n, g, e] · w[g, e, d]
 * What each head writes, z_h · W_O[h], one by one; and cotangents taken back to each head's own read, dQ_h · W_Q[h].
 */
export const groupedNN = defineOp({
  name: 'groupedNN',
  inputs: { x: 'N G E', w: 'G E D' },
  outputs: { y: 'G N D' },
  forward({ x, w }, { N, G, E, D }) {
    const y = new Float64Array(G * N * D);
    for (let g = 0; g < G; g++)
      for (let n = 0; n < N; n++)
        for (let e = 0; e < E; e++) {
          const factor = x[(n * G + g) * E + e]!;
          for (let d = 0; d < D; d++) y[(g * N + n) * D + d]! += factor * w[(g * E + e) * D + d]!;
        }
    return { y };
  },
});

/** y[n, g, e] = Σ_d x[g, n, d] · w[g, e, d] + bias[g, e]: each head projects its own (patched) input. */
export const groupedNT = defineOp({
  name: 'groupedNT',
  inputs: { x: 'G N D', w: 'G E D', bias: 'G E' },
  optional: ['bias'],
  outputs: { y: 'N G E' },
  forward({ x, w, bias }, { N, G, E, D }) {
    const y = new Float64Array(N * G * E);
    for (let n = 0; n < N; n++)
      for (let g = 0; g < G; g++)
        for (let e = 0; e < E; e++) {
          let sum = bias ? bias[g * E + e]! : 0;
          for (let d = 0; d < D; d++) sum += x[(g * N + n) * D + d]! * w[(g * E + e) * D + d]!;
          y[(n * G + g) * E + e] = sum;
        }
    return { y };
  },
});
