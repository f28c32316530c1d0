import { defineOp } from '../op.js';

/**
 * y is x, under a name of its own: no copy, no kernel. The cotangent of y is the gradient that arrives through this one
 * reader, before it is summed with the other readers of x: the gradient at a read site.
 */
export const tap = defineOp({
  name: 'tap',
  inputs: { x: 'N' },
  outputs: { y: 'N' },
  shares: { y: 'x' },
  forward: ({ x }) => ({ y: x }),
  adjoint: (_tape, _call, { dY }) => ({ x: dY! }),
});
