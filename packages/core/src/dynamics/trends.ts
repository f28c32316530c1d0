/**
 * Which edges grew stronger or weaker over the searches of one method: a line through |score| against step for every edge
 * of the graph, in its circuit or not.
 *
 *   strengthened: slope > 0 and q ≤ level · weakened: slope < 0 and q ≤ level · unchanged: no trend was shown
 *
 * q is the p-value of the t-test of r, corrected for as many tests as there are edges (`falseDiscovery.ts`). The published
 * analysis (Li et al. 2025, https://arxiv.org/abs/2502.06106) takes |r| > 0.5 instead, which one edge in
 * seven passes by chance over 10 searches.
 *
 * Misleads: the test takes searches for independent, but each starts from the model of the one before, so p is too small
 * (`autocorrelation` shows how far from independent they are);
 * a strength that rises and falls again has no line; with few searches only a nearly perfect line passes, and `unchanged`
 * says little; a score that changes its sign is weak in between.
 */
import { correlationP, fitLine, residualAutocorrelation } from './correlation.js';
import { adjusted } from './falseDiscovery.js';
import type { Search } from './graph.js';

/** Fewer leave no degree of freedom to test with. */
export const FEWEST_SEARCHES = 3;

export const verdicts = ['weakened', 'unchanged', 'strengthened'] as const;
export type Verdict = (typeof verdicts)[number];

/** By edge of the graph. */
export interface Trends {
  /** Change of |score| with each step. */
  readonly slope: Float64Array;
  readonly r: Float64Array;
  readonly p: Float64Array;
  readonly q: Float64Array;
  /** Median over the edges of the correlation between neighbouring residuals: near 0 where the test holds. */
  readonly autocorrelation: number;
  /** `weakened`, `unchanged` or `strengthened`. */
  verdictOf(edge: number): Verdict;
}

/** Undefined for fewer than FEWEST_SEARCHES searches. @param searches all of one graph, by step ascending. */
export function trendsOf(searches: readonly Search[], level: number): Trends | undefined {
  if (searches.length < FEWEST_SEARCHES) return undefined;
  const edges = searches[0]!.score.length;
  const steps = searches.map(({ step }) => step);
  const [slope, r, p] = [new Float64Array(edges), new Float64Array(edges), new Float64Array(edges)];
  const strength = new Float64Array(searches.length);
  const drifts = new Float64Array(edges);
  for (let edge = 0; edge < edges; edge++) {
    for (const [i, { score }] of searches.entries()) strength[i] = Math.abs(score[edge]!);
    const line = fitLine(steps, strength);
    slope[edge] = line.slope;
    r[edge] = line.r;
    p[edge] = correlationP(line.r, searches.length);
    drifts[edge] = residualAutocorrelation(steps, strength, line);
  }
  const q = adjusted(p);
  const verdictOf = (edge: number): Verdict =>
    q[edge]! > level || slope[edge] === 0 ? 'unchanged' : slope[edge]! > 0 ? 'strengthened' : 'weakened';
  const autocorrelation = drifts.sort()[edges >> 1] ?? 0;
  return { slope, r, p, q, autocorrelation, verdictOf };
}
