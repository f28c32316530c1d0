/** Numbers as halves (IEEE 754 binary16), two a word, as WGSL's unpack2x16float takes them apart. */
import { toFloat32 } from './dtypes.js';

/** The largest finite half. */
export const MOST_HALF = 65504;

/** What follows is told by bits of f32: 65504, and 2^-14, below which halves are multiples of 2^-24. */
const MOST_BITS = 0x477fe000;
const NORMAL_BITS = 0x38800000;

/**
 * Each number rounded to the nearest half, ties to even; an odd one out shares its word with a 0.
 * @param refuse told the index of the first number beyond ±65504, or not a number
 */
export function packHalves(
  values: Float32Array<ArrayBuffer>,
  refuse: (index: number) => never,
): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(values.length / 2));
  const halves = new Uint16Array(words.buffer);
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const sum = new Float32Array(1);
  const sumBits = new Uint32Array(sum.buffer);
  for (let i = 0; i < bits.length; i++) {
    const all = bits[i]!;
    const size = all & 0x7fffffff;
    if (size > MOST_BITS) refuse(i);
    let half: number;
    if (size >= NORMAL_BITS) half = (size - 0x38000000 + 0xfff + ((size >> 13) & 1)) >> 13;
    else {
      // Between a half and one, f32 steps by 2^-24 too: adding a half rounds as wanted.
      sum[0] = Math.abs(values[i]!) + 0.5;
      half = sumBits[0]! - 0x3f000000;
    }
    halves[i] = ((all >>> 16) & 0x8000) | half;
  }
  return words;
}

/** So many numbers from number `from` on of such words, given as the bits they are. */
export const unpackHalves = (words: ArrayBuffer, from: number, count: number): Float32Array<ArrayBuffer> =>
  toFloat32.F16!(new Uint8Array(words, 2 * from, 2 * count));
