import { defineOp } from '../op.js';

/** y is x as it stands: no copy, no kernel, and no gradient flows back through it. What comes before counts as a constant. */
export const hold = defineOp({
  name: 'hold',
  inputs: { x: 'N' },
  outputs: { y: 'N' },
  shares: { y: 'x' },
  forward: ({ x }) => ({ y: x }),
  adjoint: () => ({}),
});
