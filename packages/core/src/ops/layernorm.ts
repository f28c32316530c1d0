import { defineOp } from '../op.js';

/**
 * y[n, d] = x̂[n, d] · gain[d] + bias[d],  x̂ = (x − mean_d x) · rstd,  rstd = (mean_d (x − mean_d x)² + eps)^(-1/2)
 * Source: Ba, Kiros & Hinton 2016, https://arxiv.org/abs/1607.06450, eq. 3; the biased variance, as GPT-2 has it.
 */
export const layernorm = defineOp({
  name: 'layernorm',
  inputs: { x: 'N D', gain: 'D', bias: 'D' },
  outputs: { y: 'N D' },
  saved: { mean: 'N', rstd: 'N' },
  attrs: { eps: 1e-5 },
  forward({ x, gain, bias }, { N, D, eps }) {
    const y = new Float64Array(N * D);
    const mean = new Float64Array(N);
    const rstd = new Float64Array(N);
    for (let n = 0; n < N; n++) {
      const row = x.subarray(n * D, (n + 1) * D);
      const center = row.reduce((sum, value) => sum + value, 0) / D;
      const variance = row.reduce((sum, value) => sum + (value - center) ** 2, 0) / D;
      mean[n] = center;
      rstd[n] = 1 / Math.sqrt(variance + eps);
      for (let d = 0; d < D; d++) y[n * D + d] = (row[d]! - center) * rstd[n]! * gain[d]! + bias[d]!;
    }
    return { y, mean, rstd };
  },
  // With g = dY · gain:  dX = rstd · (g − mean_d g − x̂ · mean_d(g · x̂)),  dGain = Σ_n dY · x̂,  dBias = Σ_n dY
  backward({ x, gain, mean, rstd, dY }, { N, D }) {
    const dX = new Float64Array(N * D);
    const dGain = new Float64Array(D);
    const dBias = new Float64Array(D);
    for (let n = 0; n < N; n++) {
      const r = rstd[n]!;
      const xhat = (d: number): number => (x[n * D + d]! - mean[n]!) * r;
      let sum = 0;
      let dot = 0;
      for (let d = 0; d < D; d++) {
        const dy = dY[n * D + d]!;
        sum += (dy * gain[d]!) / D;
        dot += (dy * gain[d]! * xhat(d)) / D;
        dGain[d]! += dy * xhat(d);
        dBias[d]! += dy;
      }
      for (let d = 0; d < D; d++) dX[n * D + d] = r * (dY[n * D + d]! * gain[d]! - sum - xhat(d) * dot);
    }
    return { dX, dGain, dBias };
  },
});
