import { describe, expect, it } from 'vitest';
import { concentrationOf, Random } from '../../src/index.js';
import { sortFloats } from '../../src/dynamics/sortFloats.js';

describe('concentration of scores', () => {
  it('is least where all are equally strong, whatever their signs', () => {
    const scores = Array.from({ length: 200 }, (_, i) => (i % 2 ? 0.5 : -0.5));
    const found = concentrationOf(scores)!;
    expect(found.entropy).toBeCloseTo(Math.log(200), 10);
    expect(found.effective).toBeCloseTo(200, 8);
    expect(found.evenness).toBeCloseTo(1, 10);
    expect(found.gini).toBeCloseTo(0, 10);
    expect([found.top1, found.top10]).toEqual([0.01, 0.1]);
  });

  it('is greatest where one edge has all', () => {
    const scores = new Float32Array(50);
    scores[7] = -3;
    expect(concentrationOf(scores)).toEqual({ entropy: 0, effective: 1, evenness: 0, gini: 0.98, top1: 1, top10: 1 });
  });

  it('has the Gini coefficient of the textbook', () => {
    expect(concentrationOf([1, 2, 3, 4])!.gini).toBeCloseTo(0.25, 12);
  });

  it('is not defined where every score is nought', () => {
    expect(concentrationOf(new Float32Array(5))).toBeUndefined();
  });
});

describe('sortFloats', () => {
  it('puts numbers from 0 up of every size where sort puts them, and leaves what it was given', () => {
    const random = new Random(5);
    const given = Float32Array.from({ length: 5000 }, () => random.float() * 10 ** (60 * random.float() - 30));
    given.set([0, Infinity, 1e-45, 3.4e38, 1, 1]);
    const before = given.slice();
    expect(sortFloats(given)).toEqual(given.slice().sort());
    expect(given).toEqual(before);
  });
});
