import { describe, expect, it } from 'vitest';
import { effectiveRank } from '../../src/index.js';

describe('effective rank', () => {
  it('is k for k directions of equal size, in wide and tall matrices', () => {
    expect(effectiveRank([2, 0, 0, 0, 2, 0], 2, 3)).toBeCloseTo(2, 10);
    expect(effectiveRank([2, 0, 0, 2, 0, 0], 3, 2)).toBeCloseTo(2, 10);
  });

  it('is 1 for an outer product', () => {
    const [u, v] = [
      [1, -2, 3],
      [4, 5, -6, 7],
    ];
    expect(
      effectiveRank(
        u.flatMap((a) => v.map((b) => a * b)),
        3,
        4,
      ),
    ).toBeCloseTo(1, 5);
  });

  it('weighs directions by their size: e to the entropy of 3/4 and 1/4', () => {
    const entropy = -(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25));
    expect(effectiveRank([3, 0, 0, 1], 2, 2)).toBeCloseTo(Math.exp(entropy), 10);
  });

  it('is 0 of nothing', () => {
    expect(effectiveRank(new Float32Array(6), 2, 3)).toBe(0);
  });
});
