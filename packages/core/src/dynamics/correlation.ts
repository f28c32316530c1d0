/** Pearson's r of two series, its slope, and the t-test of no correlation. */

export interface Line {
  /** Least squares, in units of y for one unit of x. */
  readonly slope: number;
  readonly r: number;
}

/** Of a y that does not change r is 0. @param xs not all the same, as many as ys. */
export function fitLine(xs: ArrayLike<number>, ys: ArrayLike<number>): Line {
  const n = xs.length;
  let [meanX, meanY] = [0, 0];
  for (let i = 0; i < n; i++) {
    meanX += xs[i]! / n;
    meanY += ys[i]! / n;
  }
  let [xx, xy, yy] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [x, y] = [xs[i]! - meanX, ys[i]! - meanY];
    xx += x * x;
    xy += x * y;
    yy += y * y;
  }
  // the mean of equal numbers may differ from them by rounding
  const isFlat = Math.sqrt(yy / n) <= 1e-14 * Math.abs(meanY);
  return isFlat ? { slope: 0, r: 0 } : { slope: xy / xx, r: Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy))) };
}

/**
 * Correlation of neighbouring residuals, Σ e(i) e(i+1) / Σ e(i)², in (−1, 1): far above 0 where what is off the line one
 * time is off it the next time too, as in a drift; then a test that takes the pairs for independent finds too much. 0 for
 * a perfect line.
 */
export function residualAutocorrelation(xs: ArrayLike<number>, ys: ArrayLike<number>, { slope }: Line): number {
  const n = xs.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += (ys[i]! - slope * xs[i]!) / n;
  let [own, next, size] = [0, 0, 0];
  for (let i = 0, before = 0; i < n; i++) {
    const residual = ys[i]! - slope * xs[i]! - mean;
    own += residual * residual;
    next += residual * before;
    size += ys[i]! * ys[i]!;
    before = residual;
  }
  // below that it is rounding
  return own <= 1e-24 * size ? 0 : next / own;
}

/**
 * The probability of a correlation at least as strong as r among n independent pairs without any: the two-sided t-test
 * with n − 2 degrees of freedom, t = r √((n − 2) / (1 − r²)).
 *
 * For whole degrees of freedom Student's distribution is a finite sum (Abramowitz & Stegun 1964, 26.7.3 and 26.7.4) in an
 * angle whose sine is |r|. Right to about 1e-15: a smaller p is given as 0. Between whole n it is interpolated.
 * @param n 2 or more; of two nothing is known, p = 1.
 */
export function correlationP(r: number, n: number): number {
  const whole = Math.floor(n);
  const below = wholeP(r, whole);
  return whole === n ? below : below + (n - whole) * (wholeP(r, whole + 1) - below);
}

function wholeP(r: number, n: number): number {
  const degrees = n - 2;
  if (degrees <= 0) return 1;
  const sine = Math.abs(r);
  const cosine2 = 1 - sine * sine;
  const isOdd = degrees % 2 === 1;
  let term = isOdd ? Math.sqrt(cosine2) : 1;
  let sum = 0;
  for (let k = isOdd ? 1 : 0; k <= degrees - 2; k += 2) {
    sum += term;
    term *= (cosine2 * (k + 1)) / (k + 2);
  }
  const inside = isOdd ? (2 / Math.PI) * (Math.asin(sine) + sine * sum) : sine * sum;
  return Math.max(0, 1 - inside);
}

/**
 * How many independent pairs n pairs are worth whose residuals are correlated with their neighbours': n (1 − ρ) / (1 + ρ),
 * 2 at least (with which nothing can be tested) and n at most. Residuals of a fitted line look less correlated than they
 * are, by about (2 + 4ρ) / n, so ρ = (n found + 2) / (n − 4), below 0 taken for 0. Of fewer than five pairs the two
 * cannot be told apart, and each counts.
 *
 * Sources: Bartlett 1935 (https://doi.org/10.2307/2342284), Santer et al. 2000 (https://doi.org/10.1029/1999JD901105) for
 * trends; Marriott & Pope 1954 (https://doi.org/10.1093/biomet/41.3-4.390) for the bias.
 */
export function effectiveSize(n: number, found: number): number {
  if (n < 5) return n;
  const rho = Math.min(0.99, Math.max(0, (n * found + 2) / (n - 4)));
  return Math.max(2, (n * (1 - rho)) / (1 + rho));
}

/** The least |r| among n pairs whose p is at most `p`. */
export function leastR(p: number, n: number): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (correlationP(middle, n) > p) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * Half of the 95% interval of a slope that n pairs are behind: t · |slope| √((1 / r² − 1) / (n − 2)), t of n − 2 degrees of
 * freedom. Infinity where n is so small that no slope is too steep; 0 for a perfect line, and for one that is flat.
 * @param n as of `correlationP`, which need not be whole.
 */
export function slopeMargin({ slope, r }: Line, n: number): number {
  const least = leastR(0.05, n);
  if (least === 1) return Infinity;
  if (r === 0) return 0;
  // what t √(1 / (n − 2)) is, by the r that is just significant
  const needed = least / Math.sqrt(1 - least * least);
  return Math.abs(slope / r) * Math.sqrt(1 - r * r) * needed;
}
