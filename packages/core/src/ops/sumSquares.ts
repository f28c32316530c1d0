import { defineOp } from '../op.js';

/**
 * total[0] = before[0] + Σ_{u, d: mask[u] ≠ 0} x[u, d]²: the squared norm of the gradients of the units that are tuned.
 * Calls are chained, one for each weight; O = 1. Rows outside the mask are not read: whatever lies there does not count.
 */
export const sumSquares = defineOp({
  name: 'sumSquares',
  inputs: { x: 'U D', mask: 'U', before: 'O' },
  outputs: { total: 'O' },
  example: ({ U }, random) => ({ mask: Float64Array.from({ length: U! }, () => (random() < 0 ? 0 : 1)) }),
  forward({ x, mask, before }, { U, D }) {
    let total = before[0]!;
    for (let u = 0; u < U; u++) if (mask[u] !== 0) for (let d = 0; d < D; d++) total += x[u * D + d]! ** 2;
    return { total: Float64Array.of(total) };
  },
});
