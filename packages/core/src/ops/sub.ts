import { defineOp } from '../op.js';

/** y = a − b, element by element: what corruption takes away from every source, clean − corrupted. */
export const sub = defineOp({
  name: 'sub',
  inputs: { a: 'N', b: 'N' },
  outputs: { y: 'N' },
  forward: ({ a, b }) => ({ y: a.map((value, i) => value - b[i]!) }),
});
