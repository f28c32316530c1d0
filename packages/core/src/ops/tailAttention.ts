import { defineOp } from '../op.js';

/**
 * Attention of Q positions of each example that follow each other, from position first[b] on, where all T have been through the
 * model already: keys and values of the Q are given anew and differentiated, those of the others are constants.
 *
 *   z[b, i, h] = Σ_t' pattern[b, h, i, t'] · v'[b, t', kv(h)],  pattern = softmax over the visible t' of q · k' · E^(-1/2)
 *   k'[b, t'] = k[b, t' − first[b]] where first[b] <= t' < first[b] + Q, else pastK[b, t']; v' likewise
 *
 * Key t' is visible to query i when t' <= first[b] + i and mask[b, t'] != 0; a query that sees no key has pattern 0 and z 0.
 * Otherwise as in attention.ts. first[b] + Q <= T must hold.
 */
export const tailAttention = defineOp({
  name: 'tailAttention',
  inputs: {
    q: 'B Q H E',
    k: 'B Q K E',
    v: 'B Q K E',
    pastK: 'B T K E',
    pastV: 'B T K E',
    mask: 'B T u32',
    first: 'B u32',
  },
  outputs: { z: 'B Q H E' },
  saved: { pattern: 'B H Q T' },
  constants: ['pastK', 'pastV'],
  // Padding on the left of odd rows, on the right of even ones: queries that see no key, and keys hidden from all.
  example: ({ B, T, Q }) => ({
    mask: Float64Array.from({ length: B! * T! }, (_, i) => {
      const t = i % T!;
      return Math.floor(i / T!) % 2 === 1 ? Number(t >= Math.ceil(T! / 4)) : Number(t < Math.ceil((3 * T!) / 4));
    }),
    first: Float64Array.from({ length: B! }, (_, b) => (b * 5) % (T! - Q! + 1)),
  }),
  forward({ q, k, v, pastK, pastV, mask, first }, dims) {
    const { B, T, Q, H, E } = dims;
    const z = new Float64Array(q.length);
    const pattern = new Float64Array(B * H * Q * T);
    const at = keysOf(dims, first);
    eachQuery(dims, ({ b, h, i, query, row }) => {
      const weights = Array.from({ length: first[b]! + i + 1 }, (_, t) => {
        const { isOwn, from } = at(b, h, t);
        return mask[b * T + t] === 0 ? -Infinity : dot(q, query, isOwn ? k : pastK, from, E) / Math.sqrt(E);
      });
      const top = weights.reduce((most, weight) => Math.max(most, weight), -Infinity);
      if (top === -Infinity) return;
      const total = weights.reduce((sum, weight) => sum + Math.exp(weight - top), 0);
      weights.forEach((weight, t) => {
        const p = Math.exp(weight - top) / total;
        pattern[row + t] = p;
        const { isOwn, from } = at(b, h, t);
        for (let e = 0; e < E; e++) z[query + e]! += p * (isOwn ? v : pastV)[from + e]!;
      });
    });
    return { z, pattern };
  },
  // As in attention.ts; what would go to the past is dropped.
  backward({ q, k, v, pastK, pastV, first, pattern, dZ }, dims) {
    const { T, E } = dims;
    const dQ = new Float64Array(q.length);
    const dK = new Float64Array(k.length);
    const dV = new Float64Array(v.length);
    const at = keysOf(dims, first);
    eachQuery(dims, ({ b, h, query, row }) => {
      const keys = Array.from({ length: T }, (_, t) => at(b, h, t));
      const dPattern = keys.map(({ isOwn, from }) => dot(dZ, query, isOwn ? v : pastV, from, E));
      const mean = dPattern.reduce((sum, value, t) => sum + value * pattern[row + t]!, 0);
      for (const [t, { isOwn, from }] of keys.entries()) {
        const p = pattern[row + t]!;
        const dScore = (p * (dPattern[t]! - mean)) / Math.sqrt(E);
        for (let e = 0; e < E; e++) {
          dQ[query + e]! += dScore * (isOwn ? k : pastK)[from + e]!;
          if (!isOwn) continue;
          dK[from + e]! += dScore * q[query + e]!;
          dV[from + e]! += p * dZ[query + e]!;
        }
      }
    });
    return { dQ, dK, dV };
  },
});

type Dims = Record<'B' | 'T' | 'Q' | 'H' | 'K' | 'E', number>;

interface Query {
  readonly b: number;
  readonly h: number;
  /** Of the Q. */
  readonly i: number;
  /** Where it begins in q and z. */
  readonly query: number;
  /** Where its row of the pattern begins. */
  readonly row: number;
}

function eachQuery({ B, T, Q, H, E }: Dims, visit: (query: Query) => void): void {
  for (let b = 0; b < B; b++)
    for (let h = 0; h < H; h++)
      for (let i = 0; i < Q; i++) visit({ b, h, i, query: ((b * Q + i) * H + h) * E, row: ((b * H + h) * Q + i) * T });
}

/** Where the key and the value of position t begin for query head h: among the Q, or in the past. */
function keysOf({ T, Q, H, K, E }: Dims, first: Float64Array) {
  return (b: number, h: number, t: number): { isOwn: boolean; from: number } => {
    const i = t - first[b]!;
    const isOwn = i >= 0 && i < Q;
    const n = isOwn ? b * Q + i : b * T + t;
    return { isOwn, from: (n * K + Math.floor((h * K) / H)) * E };
  };
}

function dot(a: Float64Array, i: number, b: Float64Array, j: number, E: number): number {
  let sum = 0;
  for (let e = 0; e < E; e++) sum += a[i + e]! * b[j + e]!;
  return sum;
}
