import { defineOp } from '../op.js';
import { scatterRows } from './scatterRows.js';

/**
 * y[n] = w[ids[n] − first] where first <= ids[n] < first + V, else 0.
 * An embedding that is larger than one binding is split in chunks of rows, and `first` is the token that owns row 0 of
 * this one: the sum of the chunks' outputs is the embedding.
 */
export const embed = defineOp({
  name: 'embed',
  inputs: { ids: 'N u32', w: 'V D' },
  outputs: { y: 'N D' },
  attrs: { first: 0 },
  // Two ids beyond either end, and few enough tokens that most repeat.
  example: ({ N, V, first }, random) => ({
    ids: Float64Array.from({ length: N! }, () => Math.max(0, first! - 2 + Math.floor(((random() + 1) / 2) * (V! + 4)))),
  }),
  forward({ ids, w }, { N, V, D, first }) {
    const y = new Float64Array(N * D);
    for (let n = 0; n < N; n++) {
      const v = ids[n]! - first;
      if (v >= 0 && v < V) y.set(w.subarray(v * D, (v + 1) * D), n * D);
    }
    return { y };
  },
  // Where the table is tied to an unembedding, whose gradient is whole by then, its rows are added to in place.
  adjoint(tape, { ins, dims: { N, V, D, first }, label }, { dY }) {
    const given = { total: tape.take(ins.w!), ids: ins.ids, x: dY };
    const options = { dims: { N: N!, V: V!, D: D! }, attrs: { first: first! }, label: `${label}.dW` };
    return { w: tape.call(scatterRows, given, options).sum! };
  },
});
