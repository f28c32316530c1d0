import { defineOp } from '../op.js';

/**
 * exact = 0: y = x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))), Hugging Face's 'gelu_new';
 * exact = 1: y = x · Φ(x) = x/2 · (1 + erf(x/√2)), Hugging Face's 'gelu'.
 * Source: Hendrycks & Gimpel 2016, https://arxiv.org/abs/1606.08415, section 2.
 */
export const gelu = defineOp({
  name: 'gelu',
  inputs: { x: 'N' },
  outputs: { y: 'N' },
  attrs: { exact: 0 },
  // Beyond [-1, 1): both ends saturate.
  example: ({ N }, random) => ({ x: Float64Array.from({ length: N! }, () => 6 * random()) }),
  forward: ({ x }, { exact }) => ({ y: x.map((value) => value * (exact ? normalCdf(value) : gate(value))) }),
  backward: ({ x, dY }, { exact }) => ({
    dX: x.map((value, i) => dY[i]! * (exact ? erfSlope(value) : tanhSlope(value))),
  }),
});

const C = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

const gate = (x: number): number => (1 + Math.tanh(C * (x + CUBIC * x ** 3))) / 2;

function tanhSlope(x: number): number {
  const g = gate(x);
  return g + 2 * x * g * (1 - g) * C * (1 + 3 * CUBIC * x * x);
}

const erfSlope = (x: number): number => normalCdf(x) + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);

/** Φ(x), the standard normal distribution function, to 1e-15. */
const normalCdf = (x: number): number => (x < 0 ? erfc(-x / Math.SQRT2) : 2 - erfc(x / Math.SQRT2)) / 2;

/**
 * 1 − erf(z) for z >= 0. Below 3 the series of positive terms, https://dlmf.nist.gov/7.6.E2; from there on the continued
 * fraction https://dlmf.nist.gov/7.9.E1, whose 40 levels leave no error in f64.
 */
function erfc(z: number): number {
  const scale = Math.exp(-z * z) / Math.sqrt(Math.PI);
  if (z < 3) {
    let sum = 0;
    for (let term = 2 * z, n = 1; term > 1e-18; n++) {
      sum += term;
      term *= (2 * z * z) / (2 * n + 1);
    }
    return 1 - scale * sum;
  }
  let tail = z;
  for (let n = 40; n > 0; n--) tail = z + n / 2 / tail;
  return scale / tail;
}
