import { defineOp, type Size } from '../op.js';
import { scatterRows } from './scatterRows.js';

interface Table {
  readonly ids: Float64Array;
  readonly w: Float64Array;
}

interface Sizes {
  readonly N: number;
  readonly V: number;
  readonly D: number;
  readonly first: number;
}

function rowsOf({ ids, w }: Table, { N, V, D, first }: Sizes): { y: Float64Array } {
  const y = new Float64Array(N * D);
  for (let n = 0; n < N; n++) {
    const v = ids[n]! - first;
    if (v >= 0 && v < V) y.set(w.subarray(v * D, (v + 1) * D), n * D);
  }
  return { y };
}

/** Two ids beyond either end, and few enough tokens that most repeat. */
const example = ({ N, V, first }: Size, random: () => number): { ids: Float64Array } => ({
  ids: Float64Array.from({ length: N! }, () => Math.max(0, first! - 2 + Math.floor(((random() + 1) / 2) * (V! + 4)))),
});

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
  example,
  forward: rowsOf,
  // Where the table is tied to an unembedding, whose gradient is whole by then, its rows are added to in place.
  adjoint(tape, { ins, dims: { N, V, D, first }, label }, { dY }) {
    const given = { total: tape.take(ins.w!), ids: ins.ids, x: dY };
    const options = { dims: { N: N!, V: V!, D: D! }, attrs: { first: first! }, label: `${label}.dW` };
    return { w: tape.call(scatterRows, given, options).sum! };
  },
});

/** The same of a table that lies in memory as f16: only the rows that are read are widened. */
export const embedF16 = defineOp({
  name: 'embedF16',
  inputs: { ids: 'N u32', w: 'V D f16' },
  outputs: { y: 'N D' },
  attrs: { first: 0 },
  example,
  forward: rowsOf,
});
