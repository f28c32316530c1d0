import { defineOp } from '../op.js';

/**
 * y[0] = |Σ_n weight[n] · x[n]|, and side[0] the sign of the sum: the size of a mean over a batch, which opposite parts
 * cancel in. Its gradient, side · weight, is what no seed that is known before the forward pass can say. At 0 it is 0.
 * What has weight 0 is not looked at, whatever it is. O = 1.
 */
export const absDot = defineOp({
  name: 'absDot',
  inputs: { x: 'N', weight: 'N' },
  constants: ['weight'],
  outputs: { y: 'O' },
  saved: { side: 'O' },
  forward({ x, weight }) {
    const sum = x.reduce((so, value, i) => so + (weight[i] === 0 ? 0 : weight[i]! * value), 0);
    return { y: Float64Array.of(Math.abs(sum)), side: Float64Array.of(Math.sign(sum)) };
  },
  backward: ({ weight, side, dY }) => ({ dX: weight.map((value) => dY[0]! * side[0]! * value) }),
});
