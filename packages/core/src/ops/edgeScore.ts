import { defineOp } from '../op.js';

/**
 * total[s0 + s, r] += Σ_m weight[m] · Σ_d delta[m, s, d] · grad[m, r, d]   for s < seen; the other rows stay as they are.
 * The score of the edge from source s to read r: what ablation takes away from the source, times the gradient where it is
 * read, over the M positions that count. S is the block of the I sources whose deltas lie in one tensor, s0 its first, and
 * `seen` how many of them write before these reads read. A row of weight 0 counts for nothing, whatever stands in it.
 * All of a position lies together, so that this is a product [R, D] × [D, S] for each of them, summed.
 * Source: Syed et al. 2023, edge attribution patching, https://arxiv.org/abs/2310.10348.
 */
export const edgeScore = defineOp({
  name: 'edgeScore',
  inputs: { delta: 'M S D', grad: 'M R D', weight: 'M', total: 'I R' },
  outputs: { sum: 'I R' },
  inPlace: { sum: 'total' },
  attrs: { s0: 0, seen: 2 ** 31 },
  forward({ delta, grad, weight, total }, { S, R, M, D, s0, seen }) {
    const sum = total.slice();
    for (let s = 0; s < Math.min(S, seen); s++)
      for (let r = 0; r < R; r++)
        for (let m = 0; m < M; m++) {
          if (weight[m] === 0) continue;
          let dot = 0;
          for (let d = 0; d < D; d++) dot += delta[(m * S + s) * D + d]! * grad[(m * R + r) * D + d]!;
          sum[(s0 + s) * R + r]! += weight[m]! * dot;
        }
    return { sum };
  },
});
