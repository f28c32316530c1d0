import { defineOp } from '../op.js';

/**
 * total[s0 + s, r] += Σ_m weight[m] · Σ_d delta[s, m, d] · grad[r, m, d]   for s < S; the other rows stay as they are.
 * The score of the edge from source s to read r: what corruption takes away from the source, times the gradient where it is
 * read, over the M positions that count. S is the part of the I sources whose deltas lie in one tensor; s0 is its first.
 * Source: Syed et al. 2023, edge attribution patching, https://arxiv.org/abs/2310.10348.
 */
export const edgeScore = defineOp({
  name: 'edgeScore',
  inputs: { delta: 'S M D', grad: 'R M D', weight: 'M', total: 'I R' },
  outputs: { sum: 'I R' },
  inPlace: { sum: 'total' },
  attrs: { s0: 0 },
  forward({ delta, grad, weight, total }, { S, R, M, D, s0 }) {
    const sum = total.slice();
    for (let s = 0; s < S; s++)
      for (let r = 0; r < R; r++)
        for (let m = 0; m < M; m++) {
          let dot = 0;
          for (let d = 0; d < D; d++) dot += delta[(s * M + m) * D + d]! * grad[(r * M + m) * D + d]!;
          sum[(s0 + s) * R + r]! += weight[m]! * dot;
        }
    return { sum };
  },
});
