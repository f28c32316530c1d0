import { defineOp } from '../op.js';

/** y = a + b, element by element: residual writes, and the sum of cotangents where a value is used twice. */
export const add = defineOp({
  name: 'add',
  inputs: { a: 'N', b: 'N' },
  outputs: { y: 'N' },
  forward: ({ a, b }) => ({ y: a.map((value, i) => value + b[i]!) }),
  adjoint: (_tape, _call, { dY }, wanted) => Object.fromEntries([...wanted].map((name) => [name, dY!])),
});
