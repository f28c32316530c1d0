import { defineOp } from '../op.js';

/**
 * z[b, t, h] = Σ_t' pattern[b, h, t, t'] · v[b, t', kv(h)],  pattern = softmax over the visible t' of q · k · E^(-1/2)
 * Key t' is visible to query t when t' <= t and mask[b, t'] != 0; a query that sees no key has pattern 0 and z 0.
 * lse[b, h, t] = log Σ exp(q · k · E^(-1/2)) over the visible keys, 0 without any: pattern = exp(q · k · E^(-1/2) − lse).
 * Query head h reads key/value head kv(h) = floor(h · K / H); K = H is plain multi-head attention.
 * Sources: Vaswani et al. 2017, https://arxiv.org/abs/1706.03762, eq. 1; grouped heads: Ainslie et al. 2023,
 * https://arxiv.org/abs/2305.13245.
 */
export const attention = defineOp({
  name: 'attention',
  inputs: { q: 'B T H E', k: 'B T K E', v: 'B T K E', mask: 'B T u32' },
  outputs: { z: 'B T H E' },
  // A kernel writes those of them that its own backward pass reads.
  saved: { pattern: 'B H T T', lse: 'B H T' },
  // Padding on the left of odd rows, on the right of even ones: rows that see no key, and keys hidden below the diagonal.
  example: ({ B, T }) => ({
    mask: Float64Array.from({ length: B! * T! }, (_, i) => {
      const t = i % T!;
      return Math.floor(i / T!) % 2 === 1 ? Number(t >= Math.ceil(T! / 4)) : Number(t < Math.ceil((3 * T!) / 4));
    }),
  }),
  forward({ q, k, v, mask }, dims) {
    const z = new Float64Array(q.length);
    const pattern = new Float64Array(dims.B * dims.H * dims.T * dims.T);
    const lse = new Float64Array(dims.B * dims.H * dims.T);
    eachHead(dims, ({ b, row, query, key }) => {
      for (let t = 0; t < dims.T; t++) {
        const weights = Array.from({ length: t + 1 }, (_, s) =>
          mask[b * dims.T + s] === 0 ? -Infinity : dot(q, query(t), k, key(s), dims.E) / Math.sqrt(dims.E),
        );
        const top = weights.reduce((most, weight) => Math.max(most, weight), -Infinity);
        if (top === -Infinity) continue;
        const total = weights.reduce((sum, weight) => sum + Math.exp(weight - top), 0);
        lse[row(t) / dims.T] = top + Math.log(total);
        weights.forEach((weight, s) => {
          const p = Math.exp(weight - top) / total;
          pattern[row(t) + s] = p;
          for (let e = 0; e < dims.E; e++) z[query(t) + e]! += p * v[key(s) + e]!;
        });
      }
    });
    return { z, pattern, lse };
  },
  // dPattern = dZ · v,  dScore = pattern · (dPattern − Σ_t' pattern · dPattern),  and E^(-1/2) on the way to q and k.
  backward({ q, k, v, pattern, dZ }, dims) {
    const dQ = new Float64Array(q.length);
    const dK = new Float64Array(k.length);
    const dV = new Float64Array(v.length);
    eachHead(dims, ({ row, query, key }) => {
      for (let t = 0; t < dims.T; t++) {
        const dPattern = Array.from({ length: t + 1 }, (_, s) => dot(dZ, query(t), v, key(s), dims.E));
        const mean = dPattern.reduce((sum, value, s) => sum + value * pattern[row(t) + s]!, 0);
        dPattern.forEach((value, s) => {
          const p = pattern[row(t) + s]!;
          const dScore = (p * (value - mean)) / Math.sqrt(dims.E);
          for (let e = 0; e < dims.E; e++) {
            dQ[query(t) + e]! += dScore * k[key(s) + e]!;
            dK[key(s) + e]! += dScore * q[query(t) + e]!;
            dV[key(s) + e]! += p * dZ[query(t) + e]!;
          }
        });
      }
    });
    return { dQ, dK, dV };
  },
});

interface Dims {
  B: number;
  T: number;
  H: number;
  K: number;
  E: number;
}

/** Offsets of one head of one example: row t of its pattern, query t in q and z, key s in k and v. */
interface Head {
  b: number;
  row(t: number): number;
  query(t: number): number;
  key(s: number): number;
}

function eachHead({ B, T, H, K, E }: Dims, visit: (head: Head) => void): void {
  for (let b = 0; b < B; b++)
    for (let h = 0; h < H; h++)
      visit({
        b,
        row: (t) => ((b * H + h) * T + t) * T,
        query: (t) => ((b * T + t) * H + h) * E,
        key: (s) => ((b * T + s) * K + Math.floor((h * K) / H)) * E,
      });
}

function dot(a: Float64Array, i: number, b: Float64Array, j: number, E: number): number {
  let sum = 0;
  for (let e = 0; e < E; e++) sum += a[i + e]! * b[j + e]!;
  return sum;
}
