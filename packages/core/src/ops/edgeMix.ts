import { defineOp } from '../op.js';

/**
 * y[r, n, d] = x[r, n, d] − Σ_s cut[r, s0 + s] · delta[s, n, d]
 * Edge patching: x[r] is the residual stream as read r would see it; each cut edge exchanges the clean output of its source
 * for the corrupted one (delta = clean − corrupted). Called once for each tensor that holds S of the I sources, from s0 on.
 */
export const edgeMix = defineOp({
  name: 'edgeMix',
  inputs: { x: 'R N D', delta: 'S N D', cut: 'R I' },
  outputs: { y: 'R N D' },
  inPlace: { y: 'x' },
  attrs: { s0: 0 },
  forward({ x, delta, cut }, { R, N, D, S, I, s0 }) {
    const y = x.slice();
    const size = N * D;
    for (let r = 0; r < R; r++)
      for (let s = 0; s < S; s++) {
        const factor = cut[r * I + s0 + s]!;
        for (let i = 0; i < size; i++) y[r * size + i]! -= factor * delta[s * size + i]!;
      }
    return { y };
  },
});
