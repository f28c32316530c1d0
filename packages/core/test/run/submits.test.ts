/** Where a replayed plan is cut into submits. */
import { describe, expect, it } from 'vitest';
import { mostDispatches, submitsOf } from '../../src/run/submits.js';

const dispatches = (count: number, flops = 0) => Array.from({ length: count }, () => ({ flops }));
const lengths = (count: number, flops: number, isShared = false): number[] =>
  submitsOf(dispatches(count, flops), isShared).map(({ start, end }) => end - start);

describe('submits of a plan', () => {
  it('are as long as they may be, and half as long where others wait for the device', () => {
    expect(lengths(300, 0)).toEqual([128, 128, 44]);
    expect(lengths(300, 0, true)).toEqual([64, 64, 64, 64, 44]);
    expect([false, true].map(mostDispatches)).toEqual([128, 64]);
  });

  it('are shorter where dispatches are long, by blocks of 16, and never empty', () => {
    expect(lengths(100, 0.5e9)).toEqual([64, 36]);
    expect(lengths(40, 100e9)).toEqual([16, 16, 8]);
  });

  it('hold every dispatch once, in order', () => {
    const submits = submitsOf(dispatches(1000, 0.3e9), false);
    expect(submits[0]!.start).toBe(0);
    expect(submits.at(-1)!.end).toBe(1000);
    for (const [i, { start }] of submits.entries()) if (i > 0) expect(start).toBe(submits[i - 1]!.end);
    expect(submitsOf([], false)).toEqual([]);
  });
});
