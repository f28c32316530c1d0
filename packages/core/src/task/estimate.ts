/** A number that examples have one by one: its mean, and how sure it is. */

/** Mean over examples, and half of its 95% interval: 1.96 standard errors. Of one example there is none. */
export interface Estimate {
  readonly mean: number;
  readonly margin?: number;
}

/** Undefined of nothing. */
export function estimateOf(values: readonly number[]): Estimate | undefined {
  const n = values.length;
  if (n === 0) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n === 1) return { mean };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  return { mean, margin: 1.96 * Math.sqrt(variance / n) };
}

/** A share of n examples, with the ends of its 95% interval. */
export interface Share {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** By Wilson (1927, https://doi.org/10.2307/2276774), which stays within 0 and 1, and is no point where all are right. */
export function shareOf(count: number, n: number): Share {
  const z2 = 1.96 ** 2;
  const share = count / n;
  const centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (1.96 * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n))) / (1 + z2 / n);
  return { share, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
