import { defineOp } from '../op.js';

/**
 * total[g, s0 + s, r] += Σ_m weight[m] · Σ_d delta[m, s, d] · grad[m, r, d]   for s < seen, over the m with
 * starts[g] <= m0 + m < starts[g + 1]; all other numbers stay as they are.
 * The score of the edge from source s to read r: what ablation takes away from the source, times the gradient where it is
 * read, over the positions that count. S is the block of the I sources whose deltas lie in one tensor, s0 its first, and
 * `seen` how many of them write before these reads read. A row of weight 0 counts for nothing, whatever stands in it.
 * All of a position lies together, so that this is a product [R, D] × [D, S] for each of them, summed.
 *
 * The M positions are a part of all, from m0 on. Scores of G groups of positions are kept apart: of examples, or of places in
 * a text. A group's positions follow each other (J = G + 1). Groups begin and end at multiples of `step`, a power of two, and
 * so do parts, unless they are smaller, and then of a power of two: kernels sum blocks of positions before they look at groups.
 * Source: Syed et al. 2023, edge attribution patching, https://arxiv.org/abs/2310.10348.
 */
export const edgeScore = defineOp({
  name: 'edgeScore',
  inputs: { delta: 'M S D', grad: 'M R D', weight: 'M', starts: 'J u32', total: 'G I R' },
  outputs: { sum: 'G I R' },
  inPlace: { sum: 'total' },
  attrs: { s0: 0, seen: 2 ** 31, m0: 0, step: 2 ** 31 },
  // Groups of several blocks, or of none; the last goes on behind the part.
  example: ({ M, G, m0, step }) => ({
    starts: Float64Array.from({ length: G! + 1 }, (_, g) => {
      if (g === 0) return 0;
      if (g === G) return m0! + M! + (G! > 1 ? step! : 0);
      return m0! + Math.min(M!, step! * Math.floor((g * Math.ceil(M! / step!)) / G!));
    }),
  }),
  forward({ delta, grad, weight, starts, total }, { S, R, M, D, I, G, s0, seen, m0 }) {
    const sum = total.slice();
    for (let g = 0; g < G; g++)
      for (let m = Math.max(0, starts[g]! - m0); m < Math.min(M, starts[g + 1]! - m0); m++) {
        if (weight[m] === 0) continue;
        for (let s = 0; s < Math.min(S, seen); s++)
          for (let r = 0; r < R; r++) {
            let dot = 0;
            for (let d = 0; d < D; d++) dot += delta[(m * S + s) * D + d]! * grad[(m * R + r) * D + d]!;
            sum[(g * I + s0 + s) * R + r]! += weight[m]! * dot;
          }
      }
    return { sum };
  },
});
