import { defineOp } from '../op.js';

/**
 * y[n, d] = x[n, d] · rstd[n] · gain[d],  rstd[n] = (mean_d x[n, d]² + eps)^(-1/2)
 * Source: Zhang & Sennrich 2019, https://arxiv.org/abs/1910.07467, eq. 4.
 */
export const rmsnorm = defineOp({
  name: 'rmsnorm',
  inputs: { x: 'N D', gain: 'D' },
  outputs: { y: 'N D' },
  saved: { rstd: 'N' },
  attrs: { eps: 1e-5 },
  forward({ x, gain }, { N, D, eps }) {
    const y = new Float64Array(N * D);
    const rstd = new Float64Array(N);
    for (let n = 0; n < N; n++) {
      let squares = 0;
      for (let d = 0; d < D; d++) squares += x[n * D + d]! ** 2;
      rstd[n] = 1 / Math.sqrt(squares / D + eps);
      for (let d = 0; d < D; d++) y[n * D + d] = x[n * D + d]! * rstd[n]! * gain[d]!;
    }
    return { y, rstd };
  },
  // With x̂ = x · rstd and g = dY · gain:  dX = rstd · (g − x̂ · mean_d(g · x̂)),  dGain = Σ_n dY · x̂
  backward({ x, gain, rstd, dY }, { N, D }) {
    const dX = new Float64Array(N * D);
    const dGain = new Float64Array(D);
    for (let n = 0; n < N; n++) {
      const r = rstd[n]!;
      let dot = 0;
      for (let d = 0; d < D; d++) dot += (dY[n * D + d]! * gain[d]! * x[n * D + d]! * r) / D;
      for (let d = 0; d < D; d++) {
        const i = n * D + d;
        const xhat = x[i]! * r;
        dX[i] = r * (dY[i]! * gain[d]! - xhat * dot);
        dGain[d]! += dY[i]! * xhat;
      }
    }
    return { dX, dGain };
  },
});
