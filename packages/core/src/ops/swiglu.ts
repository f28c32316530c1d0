import { defineOp } from '../op.js';

/**
 * y = gate · σ(gate) · up: the gated activation of Llama's MLP, its two projections given.
 * Source: Shazeer 2020, https://arxiv.org/abs/2002.05202, eq. 6 with β = 1.
 */
export const swiglu = defineOp({
  name: 'swiglu',
  inputs: { gate: 'N', up: 'N' },
  outputs: { y: 'N' },
  // Every eighth gate is so large that e^|gate| is beyond f32.
  example: ({ N }, random) => ({
    gate: Float64Array.from({ length: N! }, (_, i) => random() * (i % 8 === 7 ? 1000 : 4)),
  }),
  forward({ gate, up }, { N }) {
    const y = new Float64Array(N);
    for (let n = 0; n < N; n++) y[n] = gate[n]! * sigmoid(gate[n]!) * up[n]!;
    return { y };
  },
  // dy/dgate = up · σ · (1 + gate · (1 − σ))
  backward({ gate, up, dY }, { N }) {
    const dGate = new Float64Array(N);
    const dUp = new Float64Array(N);
    for (let n = 0; n < N; n++) {
      const s = sigmoid(gate[n]!);
      dGate[n] = dY[n]! * up[n]! * s * (1 + gate[n]! * (1 - s));
      dUp[n] = dY[n]! * gate[n]! * s;
    }
    return { dGate, dUp };
  },
});

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
