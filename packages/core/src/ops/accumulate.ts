import { defineOp } from '../op.js';

/** total += x, element by element: sums that outlive a run, over the batches of a step or the examples of a data set. */
export const accumulate = defineOp({
  name: 'accumulate',
  inputs: { total: 'N', x: 'N' },
  outputs: { sum: 'N' },
  inPlace: { sum: 'total' },
  forward: ({ total, x }) => ({ sum: total.map((value, i) => value + x[i]!) }),
});
