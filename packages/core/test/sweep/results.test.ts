/** What becomes of the cells of a sweep: the rate that is taken, means with intervals, differences seed by seed. */
import { describe, expect, it } from 'vitest';
import {
  atBound,
  chooseRate,
  differencesOf,
  estimate,
  Random,
  rowOf,
  studentT,
  type CellOutcome,
  type GroupResult,
  type Tried,
} from '@circuit-tuning/core';

const outcome = (target: number, factor = 1): CellOutcome => ({
  target,
  target_base: 0,
  perplexity: { text: 4 * factor },
  perplexity_factor: factor,
  tuned: 10,
  moved: 10,
  seconds: 1,
});
const tried = (...all: readonly (readonly [rate: number, target: number, factor: number])[]): Tried[] =>
  all.map(([rate, target, factor]) => ({ rate, outcome: outcome(target, factor) }));

describe('a learning rate', () => {
  const rule = { better: 'higher', bound: 1.5 } as const;

  it('is the one of the best target within the bound', () => {
    expect(chooseRate(tried([0.1, 1, 1.1], [0.2, 3, 1.4], [0.4, 9, 1.6]), rule)).toBe(0.2);
    expect(chooseRate(tried([0.1, 1, 1.1], [0.2, 3, 1.4]), { ...rule, better: 'lower' })).toBe(0.1);
  });

  it('is the one of the least perplexity where none is within the bound, and the smaller of two equal ones', () => {
    expect(chooseRate(tried([0.1, 1, 3], [0.2, 3, 2]), rule)).toBe(0.2);
    expect(chooseRate(tried([0.2, 1, 1], [0.1, 1, 1]), rule)).toBe(0.1);
  });

  it('is none whose loss did not stay finite', () => {
    expect(chooseRate([{ rate: 1 }, ...tried([0.1, 1, 1])], rule)).toBe(0.1);
    expect(chooseRate([{ rate: 1 }], rule)).toBeUndefined();
  });
});

describe('the target at the bound', () => {
  const rule = { better: 'higher', bound: 2 } as const;

  it('lies on the line between two tries where perplexity has grown by the bound, whatever their order', () => {
    // half-way between factors 1 and 4 in the logarithm
    expect(atBound(tried([0.2, 5, 4], [0.1, 1, 1]), rule)).toBeCloseTo(3, 12);
    expect(atBound(tried([0.1, -1, 1], [0.2, -5, 4]), { ...rule, better: 'lower' })).toBeCloseTo(-3, 12);
  });

  it('begins with the untuned model, where every try is beyond the bound', () => {
    expect(atBound(tried([0.1, 8, 16]), rule)).toBeCloseTo(2, 12);
  });

  it('is the best of what lies within the bound, where more is no better', () => {
    expect(atBound(tried([0.1, 6, 1.5], [0.2, 1, 4]), rule)).toBeCloseTo(6, 12);
  });

  it('is none where no try ended', () => {
    expect(atBound([{ rate: 1 }], rule)).toBeUndefined();
  });
});

describe('an interval', () => {
  it("is Student's", () => {
    expect(studentT(1)).toBeCloseTo(12.7062, 3);
    expect(studentT(2)).toBeCloseTo(4.3027, 4);
    expect(studentT(30)).toBeCloseTo(2.0423, 4);
    expect(estimate([1, 2, 3])).toEqual({ mean: 2, half: expect.closeTo(2.4841, 4), n: 3 });
    expect(estimate([1])).toEqual({ mean: 1, n: 1 });
    expect(estimate([Number.NaN])).toBeUndefined();
  });

  it('holds the true mean of three normal numbers 95 times in 100', () => {
    const random = new Random(4);
    let held = 0;
    for (let i = 0; i < 2000; i++) {
      const { mean, half } = estimate([random.normal(), random.normal(), random.normal()])!;
      if (Math.abs(mean) <= half!) held++;
    }
    expect(held / 2000).toBeGreaterThan(0.93);
    expect(held / 2000).toBeLessThan(0.97);
  });
});

describe('rows', () => {
  const group = (method: string, n: number, targets: readonly (number | undefined)[]): GroupResult => ({
    values: { method, n },
    cells: targets.map((target, seed) => ({ seed, ...(target !== undefined && { outcome: outcome(target) }) })),
  });

  it('are means over seeds; runs that diverged are counted and in no mean', () => {
    expect(rowOf(group('a', 1, [1, 3, undefined]))).toMatchObject({
      seeds: 2,
      diverged: 1,
      numbers: { target: { mean: 2, n: 2 }, 'perplexity.text': { mean: 4 } },
    });
  });

  it('are compared with the first value of the first axis, all else equal, seed by seed', () => {
    const groups = [
      group('a', 1, [1, 2]),
      group('a', 2, [10, 20]),
      group('b', 1, [2, 4]),
      group('b', 2, [11, undefined]),
    ];
    expect(differencesOf(groups)).toMatchObject([
      { values: { method: 'b', n: 1 }, with: 'a', numbers: { target: { mean: 1.5, n: 2 } } },
      { values: { method: 'b', n: 2 }, with: 'a', numbers: { target: { mean: 1, n: 1 } } },
    ]);
  });
});
