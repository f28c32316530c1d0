import { describe, expect, it } from 'vitest';
import {
  adjusted,
  correlationP,
  effectiveSize,
  fitLine,
  leastR,
  Random,
  residualAutocorrelation,
  slopeMargin,
  trendsOf,
  type Search,
} from '../../src/index.js';

describe('a line through strengths', () => {
  it('has the slope and r of least squares', () => {
    expect(fitLine([0, 10, 20], [1, 2, 3])).toEqual({ slope: 0.1, r: 1 });
    const { slope, r } = fitLine([1, 2, 3, 4], [1, 3, 2, 5]);
    expect(slope).toBeCloseTo(1.1, 12);
    expect(r).toBeCloseTo(0.8315218, 7);
  });

  it('has neither slope nor r where nothing changes, rounding of the mean aside', () => {
    expect(fitLine([0, 1, 2], [0.1, 0.1, 0.1])).toEqual({ slope: 0, r: 0 });
  });

  // tables of Student's distribution: two-sided 5%, 1% and 0.1% points
  it.each([
    [1, 12.706, 0.05],
    [2, 4.303, 0.05],
    [3, 5.841, 0.01],
    [4, 2.776, 0.05],
    [5, 4.032, 0.01],
    [8, 5.041, 0.001],
    [15, 2.131, 0.05],
    [30, 2.75, 0.01],
  ])('with %i degrees of freedom t = %f has p = %f', (degrees, t, p) => {
    const r = t / Math.sqrt(degrees + t * t);
    expect(correlationP(r, degrees + 2) / p).toBeCloseTo(1, 2);
    expect(correlationP(-r, degrees + 2)).toBe(correlationP(r, degrees + 2));
  });

  it('is certain of a perfect line, and says nothing without one', () => {
    for (const n of [3, 4, 9, 10]) expect([correlationP(1, n), correlationP(0, n)]).toEqual([0, 1]);
  });
});

describe('the interval of a slope', () => {
  it("is that of Student's t, over the standard error of least squares", () => {
    // slope 1.1, residuals -0.1, 0.8, -1.3, 0.6: √(2.7 / 2 / 5) = 0.5196; t of 2 degrees 4.3027
    const margin = slopeMargin(fitLine([1, 2, 3, 4], [1, 3, 2, 5]), 4);
    expect(margin).toBeCloseTo(4.302653 * Math.sqrt(2.7 / 10), 5);
    expect(slopeMargin({ slope: -1.1, r: -0.8 }, 4)).toBe(slopeMargin({ slope: 1.1, r: 0.8 }, 4));
  });

  it('holds 0 just where the test of r says that it may be chance', () => {
    for (const n of [4, 7.5, 20])
      for (const r of [0.1, 0.5, 0.9, 0.99])
        expect(slopeMargin({ slope: 2, r }, n) >= 2).toBe(correlationP(r, n) > 0.05);
  });

  it('has no end where two pairs are all there is, and no width on a perfect or a flat line', () => {
    expect(slopeMargin({ slope: 1, r: 0.5 }, 2)).toBe(Infinity);
    expect([slopeMargin({ slope: 1, r: 1 }, 9), slopeMargin({ slope: 0, r: 0 }, 9)]).toEqual([0, 0]);
  });
});

describe('the correlation of neighbouring residuals', () => {
  const steps = Array.from({ length: 40 }, (_, i) => i);
  const of = (ys: readonly number[]): number => residualAutocorrelation(steps, ys, fitLine(steps, ys));

  it('is near 1 in a slow drift, near -1 where values alternate, and 0 on a perfect line', () => {
    expect(of(steps.map((i) => Math.sin(i / 6)))).toBeGreaterThan(0.8);
    // residuals 1, -1, -1, 1: (-1 + 1 - 1) / 4
    expect(residualAutocorrelation([0, 1, 2, 3], [5, 3, 3, 5], { slope: 0, r: 0 })).toBe(-0.25);
    expect(of(steps.map((i) => i + (i % 2)))).toBeLessThan(-0.9);
    expect(of(steps.map((i) => 0.1 * i + 3))).toBe(0);
  });
});

describe('the number of independent pairs', () => {
  it('is all of them without a drift, fewer with one, and two where one hangs on the other', () => {
    expect([effectiveSize(20, 0 - 2 / 20), effectiveSize(20, -0.5), effectiveSize(4, 0.9)]).toEqual([20, 20, 4]);
    // ρ = (20 · 0.3 + 2) / 16 = 0.5
    expect(effectiveSize(20, 0.3)).toBeCloseTo(20 / 3, 12);
    expect(effectiveSize(20, 0.9)).toBe(2);
  });

  it('may be broken: p lies between those of its neighbours, and two pairs show nothing', () => {
    const [four, five] = [correlationP(0.9, 4), correlationP(0.9, 5)];
    expect(correlationP(0.9, 4.25)).toBeCloseTo(0.75 * four + 0.25 * five, 12);
    expect(correlationP(0.9999, 2)).toBe(1);
  });
});

describe('the least correlation that passes', () => {
  it('has just the p that it was asked for', () => {
    for (const [p, n] of [
      [0.05, 10],
      [0.0001, 6],
    ] as const)
      expect(correlationP(leastR(p, n), n) / p).toBeCloseTo(1, 8);
  });
});

describe('the correction for many tests', () => {
  it('is that of Benjamini and Hochberg', () => {
    const q = adjusted(Float64Array.of(0.01, 0.04, 0.03, 0.5));
    expect([...q].map((it) => Number(it.toFixed(6)))).toEqual([0.04, 0.053333, 0.053333, 0.5]);
  });

  it('finds nothing among even p-values', () => {
    const p = Float64Array.from({ length: 100 }, (_, i) => (i + 1) / 100);
    expect(Math.min(...adjusted(p))).toBeCloseTo(1, 12);
  });
});

describe('trends', () => {
  const search = (step: number, ...score: number[]): Search => ({ step, score, inside: new Uint32Array() });

  it('are of |score|, with a verdict for each edge', () => {
    const noise = [3, -1, 2, -3, 1, 2, -2];
    const trends = trendsOf(
      noise.map((value, i) => search(i * 5, -(1 + i), 8 - i + 0.01 * value, 2, value, 0)),
      0.05,
    )!;
    expect([0, 1, 2, 3, 4].map(trends.verdictOf)).toEqual([
      'strengthened',
      'weakened',
      'unchanged',
      'unchanged',
      'unchanged',
    ]);
    expect(trends.slope[0]).toBeCloseTo(0.2, 12);
    expect(trends.slope[1]).toBeCloseTo(-0.2, 2);
    expect([...trends.p].map((p, i) => p <= trends.q[i]!)).toEqual([true, true, true, true, true]);
  });

  it('asks for more where many edges are tested', () => {
    const values = [1, 2.2, 2.9, 4.6, 4.4];
    const few = values.map((value, i) => search(i, value));
    const many = values.map((value, i) => search(i, value, ...Array.from({ length: 999 }, () => 1)));
    expect(trendsOf(few, 0.05)!.verdictOf(0)).toBe('strengthened');
    expect(trendsOf(many, 0.05)!.verdictOf(0)).toBe('unchanged');
  });

  it('are not taken from a drift: of edges that wander, at most as many pass as the test admits', () => {
    const random = new Random(4);
    for (const [n, rho] of [
      [25, 0.6],
      [12, 0.8],
      [40, 0],
    ] as const) {
      const edges = Array.from({ length: 400 }, () => {
        let at = random.normal() / Math.sqrt(1 - rho * rho);
        return Array.from({ length: n }, () => {
          const now = at;
          at = rho * at + random.normal();
          return 50 + now; // a strength, above 0
        });
      });
      const searches = Array.from({ length: n }, (_, i) => search(i, ...edges.map((values) => values[i]!)));
      const { p, effective } = trendsOf(searches, 0.05)!;
      const passed = (values: ArrayLike<number>): number => Array.from(values).filter((it) => it <= 0.05).length / 400;
      expect(passed(p), `${n} searches`).toBeLessThanOrEqual(0.06);
      expect(Math.max(...effective)).toBeLessThanOrEqual(n);
      const naive = edges.map((values) => correlationP(fitLine([...values.keys()], values).r, n));
      if (rho > 0) expect(passed(naive)).toBeGreaterThan(0.25);
    }
  });

  it('are found all the same where they are larger than the drift', () => {
    const random = new Random(9);
    let at = 0;
    const wander = Array.from({ length: 25 }, () => (at = 0.5 * at + random.normal()));
    const trends = trendsOf(
      wander.map((value, i) => search(i, 30 + value + i, 30 + value)),
      0.05,
    )!;
    expect([0, 1].map(trends.verdictOf)).toEqual(['strengthened', 'unchanged']);
    expect(trends.effective[0]).toBeLessThan(20);
  });

  it('are not guessed from two searches', () => {
    expect(trendsOf([search(0, 1), search(10, 2)], 0.05)).toBeUndefined();
  });
});
