import { defineOp } from '../op.js';

/**
 * y is x, a number to a word: arithmetic is f32 whatever the memory. Exact, but that WGSL lets an adapter take numbers below
 * 2^-14 (6.1e-5) for 0. `graph.call` puts it before whatever reads an f16 value and is written for f32.
 */
export const widen = defineOp({
  name: 'widen',
  inputs: { x: 'N f16' },
  outputs: { y: 'N' },
  forward: ({ x }) => ({ y: x }),
});
