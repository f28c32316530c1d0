import { defineOp, type Op } from '../op.js';

/** y = s · x, element by element: adapters count as s = alpha / rank (Hu et al. 2021, https://arxiv.org/abs/2106.09685). */
export const scale: Op = defineOp({
  name: 'scale',
  inputs: { x: 'N' },
  outputs: { y: 'N' },
  attrs: { s: 1 },
  forward: ({ x }, { s }) => ({ y: x.map((value) => s! * value) }),
  adjoint: (tape, { dims, label }, { dY }) => ({
    x: tape.call(scale, { x: dY! }, { attrs: { s: dims.s! }, label: `${label}.dX` }).y!,
  }),
});
