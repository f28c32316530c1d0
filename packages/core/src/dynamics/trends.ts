/**
 * Which edges grew stronger or weaker over the searches of one method: a line through |score| against step for every edge
 * of the graph, in its circuit or not.
 *
 *   strengthened: slope > 0 and q ≤ level · weakened: slope < 0 and q ≤ level · unchanged: no trend was shown
 *
 * q is the p-value of the t-test of r, corrected for as many tests as there are edges (`falseDiscovery.ts`). Searches are not
 * independent, for each looks at the model that the one before left: n of them count as fewer, by how much neighbouring
 * residuals correlate (`effectiveSize`), for each edge the more of its own correlation and the median over edges. So at most
 * 5% of edges without a trend pass a test at 5%, and far fewer in a strong drift (a test draws them). The published
 * analysis (Li et al. 2025, https://arxiv.org/abs/2502.06106) takes |r| > 0.5 instead, which one edge in
 * seven passes by chance over 10 searches.
 *
 * Misleads: with few searches in a drift next to nothing can pass, whatever the slope; with fewer than five, how far they
 * depend on each other cannot be seen and is not counted; a strength that rises and falls again has no line; with few searches only a nearly perfect line passes, and `unchanged`
 * says little; a score that changes its sign is weak in between.
 */
import { correlationP, effectiveSize, fitLine, residualAutocorrelation, slopeMargin } from './correlation.js';
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
  /** How many independent searches those of each edge are worth. */
  readonly effective: Float64Array;
  /** Median over the edges of the correlation between neighbouring residuals. */
  readonly autocorrelation: number;
  /** `weakened`, `unchanged` or `strengthened`. */
  verdictOf(edge: number): Verdict;
  /** Half of the 95% interval of an edge's slope, were it the only edge; Infinity where its searches say nothing. */
  marginOf(edge: number): number;
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
    drifts[edge] = residualAutocorrelation(steps, strength, line);
  }
  // an edge that is on its line altogether says nothing of how searches depend on each other
  const known = drifts.filter((drift) => drift !== 0).sort();
  const autocorrelation = known[known.length >> 1] ?? 0;
  const n = searches.length;
  const effective = drifts.map((own) => (own === 0 ? n : effectiveSize(n, Math.max(own, autocorrelation))));
  for (let edge = 0; edge < edges; edge++) p[edge] = correlationP(r[edge]!, effective[edge]!);
  const q = adjusted(p);
  const verdictOf = (edge: number): Verdict =>
    q[edge]! > level || slope[edge] === 0 ? 'unchanged' : slope[edge]! > 0 ? 'strengthened' : 'weakened';
  const marginOf = (edge: number): number => slopeMargin({ slope: slope[edge]!, r: r[edge]! }, effective[edge]!);
  return { slope, r, p, q, effective, autocorrelation, verdictOf, marginOf };
}
