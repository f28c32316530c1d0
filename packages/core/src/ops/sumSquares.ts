import { defineOp } from '../op.js';
import { exampleSlices, sliceRow } from './optimizer.js';

/**
 * total[0] = before[0] + the sum of the squares of the gradients in `slices`: what lies between them does not count.
 * Calls are chained, one for each buffer of gradients. slices: see optimizer.ts; Q = 6, O = 1.
 */
export const sumSquares = defineOp({
  name: 'sumSquares',
  inputs: { grad: 'G', slices: 'M Q u32', before: 'O' },
  outputs: { total: 'O' },
  example: ({ G, M }) => ({ slices: exampleSlices({ A: G!, M: M! }) }),
  forward({ grad, slices, before }, { M }) {
    let total = before[0]!;
    for (let m = 0; m < M; m++) {
      const at = sliceRow(slices, m);
      for (let i = at.grad; i < at.grad + at.length; i++) total += grad[i]! ** 2;
    }
    return { total: Float64Array.of(total) };
  },
});
