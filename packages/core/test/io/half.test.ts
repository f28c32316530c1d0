import { expect, test } from 'vitest';
import { packHalves, unpackHalves } from '../../src/io/half.js';

const never = (index: number): never => expect.unreachable(`${index} was refused`);
const packed = (...values: number[]): number[] => [
  ...new Uint16Array(packHalves(Float32Array.from(values), never).buffer),
];

test('numbers are rounded to the nearest half, ties to even', () => {
  expect(packed(1, 1 + 2 ** -11, 1 + 3 * 2 ** -11, 1 + 2 ** -11 + 2 ** -20, -2)).toEqual([
    0x3c00, 0x3c00, 0x3c02, 0x3c01, 0xc000, 0,
  ]);
  // into the next power of two, and the largest
  expect(packed(2 - 2 ** -12, 65504)).toEqual([0x4000, 0x7bff]);
});

test('so are those below the normal halves, down to nothing, and zeros keep their sign', () => {
  const least = 2 ** -24;
  expect(packed(2 ** -14, 2 ** -14 - least, 1.5 * least, 2.5 * least, 0.5 * least, 0.51 * least, 1e-40, -0)).toEqual([
    0x0400, 0x03ff, 2, 2, 0, 1, 0, 0x8000,
  ]);
  // the largest subnormal and a half: up to the first normal one
  expect(packed(2 ** -14 - 0.5 * least, -least)).toEqual([0x0400, 0x8001]);
});

test('what is beyond them, or no number, is refused with its index', () => {
  for (const bad of [65505, -65505, Infinity, NaN])
    expect(() =>
      packHalves(Float32Array.of(1, 2, bad, bad), (index) => {
        throw new Error(`at ${index}`);
      }),
    ).toThrow('at 2');
});

test('words give back a range of numbers, from either half of a word', () => {
  const words = packHalves(Float32Array.of(1, -2, 0.5, 4, 8), never);
  expect(words).toHaveLength(3);
  expect([...unpackHalves(words.buffer, 1, 3)]).toEqual([-2, 0.5, 4]);
});
