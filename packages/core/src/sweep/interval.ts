/** Means of a few numbers, with Student's interval. */
import { leastR } from '../dynamics/correlation.js';

export interface SeedMean {
  readonly mean: number;
  /** Half of the 95% interval; undefined where one number alone says nothing about another. */
  readonly half?: number;
  readonly n: number;
}

/** t such that 95% of Student's distribution lie in ±t. */
export function studentT(degrees: number): number {
  // the t-test of a correlation, read backwards: t = r √(df / (1 − r²))
  const r = leastR(0.05, degrees + 2);
  return r * Math.sqrt(degrees / (1 - r * r));
}

/** mean ± t · s / √n; numbers that are not finite are left out. */
export function estimate(values: readonly number[]): SeedMean | undefined {
  const finite = values.filter((value) => Number.isFinite(value));
  const n = finite.length;
  if (n === 0) return undefined;
  const mean = finite.reduce((sum, value) => sum + value, 0) / n;
  if (n === 1) return { mean, n };
  const variance = finite.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  return { mean, half: studentT(n - 1) * Math.sqrt(variance / n), n };
}
