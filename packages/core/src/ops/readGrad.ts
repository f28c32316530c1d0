import { defineOp } from '../op.js';

/**
 * The gradient at read sites, before their norm: dY[i] goes backwards through the norm of x, each of G reads by itself, and
 * becomes read r0 + i of g; the other reads stay as they are. With x̂ = (x − mean) · rstd and c = dY · gain:
 *   LayerNorm (mean given)  g = rstd · (c − mean_d(c) − x̂ · mean_d(c · x̂))
 *   RMSNorm (no mean)       g = rstd · (c − x̂ · mean_d(c · x̂)),  x̂ = x · rstd
 * mean and rstd are those the forward pass saved; they depend on x, and the formulas count that.
 * Sources: Ba et al. 2016, https://arxiv.org/abs/1607.06450; Zhang & Sennrich 2019, https://arxiv.org/abs/1910.07467.
 */
export const readGrad = defineOp({
  name: 'readGrad',
  inputs: { into: 'N R D', x: 'N D', mean: 'N', rstd: 'N', gain: 'D', dY: 'G N D' },
  optional: ['mean'],
  outputs: { g: 'N R D' },
  inPlace: { g: 'into' },
  attrs: { r0: 0 },
  forward({ into, x, mean, rstd, gain, dY }, { G, N, R, D, r0 }) {
    const g = into.slice();
    for (let row = 0; row < G * N; row++) {
      const n = row % N;
      const to = (n * R + r0 + Math.floor(row / N)) * D;
      const r = rstd[n]!;
      const xhat = (d: number): number => (x[n * D + d]! - (mean ? mean[n]! : 0)) * r;
      const c = (d: number): number => dY[row * D + d]! * gain[d]!;
      let average = 0;
      let dot = 0;
      for (let d = 0; d < D; d++) {
        if (mean) average += c(d) / D;
        dot += (c(d) * xhat(d)) / D;
      }
      for (let d = 0; d < D; d++) g[to + d] = r * (c(d) - average - xhat(d) * dot);
    }
    return { g };
  },
});
