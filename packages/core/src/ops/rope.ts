import { defineOp, type Op } from '../op.js';

/**
 * Rotary position embedding on half-split pairs (j, j + E/2), J = E/2, angle a = positions[n] · freq[j]:
 *   y[j] = x[j] · cos a − x[j + J] · sin a,   y[j + J] = x[j + J] · cos a + x[j] · sin a
 * inverse = 1 turns back, by −a. `freq` is a constant of the model (model/rope.ts) and has no gradient.
 * Source: Su et al. 2021, https://arxiv.org/abs/2104.09864, eq. 34, with the pairs of `rotate_half` in
 * https://github.com/huggingface/transformers/blob/main/src/transformers/models/llama/modeling_llama.py
 */
export const rope: Op = defineOp({
  name: 'rope',
  inputs: { x: 'N H E', positions: 'N u32', freq: 'J' },
  outputs: { y: 'N H E' },
  attrs: { inverse: 0 },
  example: ({ N, J }, random) => ({
    positions: Float64Array.from({ length: N! }, () => Math.floor((random() + 1) * 30)),
    freq: Float64Array.from({ length: J! }, (_, j) => 10_000 ** (-j / J!)),
  }),
  forward({ x, positions, freq }, { N, H, E, J, inverse }) {
    const y = new Float64Array(N * H * E);
    for (let n = 0; n < N; n++)
      for (let j = 0; j < J; j++) {
        const angle = positions[n]! * freq[j]!;
        const cos = Math.cos(angle);
        const sin = Math.sin(inverse ? -angle : angle);
        for (let h = 0; h < H; h++) {
          const i = (n * H + h) * E + j;
          y[i] = x[i]! * cos - x[i + J]! * sin;
          y[i + J] = x[i + J]! * cos + x[i]! * sin;
        }
      }
    return { y };
  },
  // The transpose of a rotation is the rotation back.
  adjoint(tape, { ins, dims, label }, { dY }) {
    const attrs = { inverse: 1 - dims.inverse! };
    return { x: tape.call(rope, { ...ins, x: dY }, { dims, attrs, label: `${label}.dX` }).y! };
  },
});
