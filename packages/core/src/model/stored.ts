/** How the numbers of a parameter lie in the memory of a device: as they are, or rounded to halves, two a word. */
import { WeightError } from '../errors.js';
import { byteOffset, type DType } from '../graph/value.js';
import { MOST_HALF, packHalves, unpackHalves } from '../io/half.js';
import type { Upload } from '../run/program.js';

export interface Stored {
  readonly name: string;
  readonly height: number;
  readonly width: number;
  readonly dtype: DType;
}

/** Numbers, or words, [from, to). */
interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Rows of a parameter from `first` on, as they are uploaded.
 * @throws WeightError where a number is beyond what f16 holds
 */
export function toMemory(values: Float32Array<ArrayBuffer>, { name, width, dtype }: Stored, first = 0): Upload {
  if (dtype !== 'f16') return values;
  return packHalves(values, (index) => {
    const [row, column] = [first + Math.floor(index / width), index % width];
    throw new WeightError({
      where: name,
      rule: `must lie within ±${MOST_HALF} to be stored as f16`,
      got: `${values[index]} at [${row}, ${column}]`,
      cure: 'Leave the dtype at f32',
    });
  });
}

/** The words that hold the numbers of the range. */
export const wordsOf = ({ from, to }: Range, dtype: DType): Range => ({
  from: Math.floor(byteOffset(from, dtype) / 4),
  to: Math.ceil(byteOffset(to, dtype) / 4),
});

/** The numbers of the range, given the words that hold them. */
export function fromMemory(
  words: Float32Array<ArrayBuffer>,
  dtype: DType,
  { from, to }: Range,
): Float32Array<ArrayBuffer> {
  return dtype === 'f16' ? unpackHalves(words.buffer, from % 2, to - from) : words;
}
