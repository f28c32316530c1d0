/** Trends of edges in words and as a picture: the same in a file that Node writes and in a page. */
import type { EdgeTrend, MethodAnalysis } from '@circuit-tuning/core';
import { intervalsSvg, type IntervalOptions, type IntervalRow } from '../intervalsSvg.js';
import { formatNumber } from '../table.js';

/** What the picture means, above it. */
export const HOW_TO_READ_TRENDS =
  'Each row is an edge: how far the line through its strength rises or falls over the searches, with the line’s 95 % interval for this edge alone; searches that drift together count as fewer, and where too few are left the interval has no end (dashed). A filled dot has a trend even after the correction for all edges tested, a ring may be chance.';

/** More are in the table. */
const SHOWN = 12;

const colours = { strengthened: 'grew', weakened: 'shrank', unchanged: 'muted' } as const;

/** A sentence; undefined of a method that searched too seldom for a trend. */
export function trendsInWords({ method, trends }: MethodAnalysis): string | undefined {
  if (!trends) return undefined;
  const { searches, tested, strengthened, weakened, unchanged } = trends;
  return `Over the ${searches} searches of ${method}, of ${formatNumber(tested)} edges ${formatNumber(strengthened)} strengthened and ${formatNumber(weakened)} weakened; ${formatNumber(unchanged)} show no trend.`;
}

/** The edges whose trends are clearest, by how far their lines rise, with 95% intervals; '' where nothing was tested. */
export function trendsSvg(
  { method, searches, trends }: MethodAnalysis,
  options: Omit<IntervalOptions, 'title' | 'axis'> = {},
): string {
  const edges = (trends?.edges ?? []).slice(0, SHOWN).toSorted((a, b) => b.slope - a.slope);
  if (edges.length === 0) return '';
  const [first, last] = [searches[0]!.step, searches.at(-1)!.step];
  const rows = edges.map((edge) => rowOf(edge, first, last));
  return intervalsSvg(rows, {
    ...options,
    title: `Edges of ${method} with the clearest trends`,
    axis: `change of |score| from step ${first} to ${last}`,
  });
}

function rowOf(
  { name, verdict, slope, margin, r, q, first: was, last: is }: EdgeTrend,
  from: number,
  to: number,
): IntervalRow {
  const steps = to - from;
  const [value, half] = [slope * steps, margin === undefined ? undefined : margin * steps];
  const [low, high] = half === undefined ? [null, null] : [value - half, value + half];
  const range = low === null ? 'no bound' : `${formatNumber(low, 3)} to ${formatNumber(high, 3)}`;
  return {
    name,
    value,
    low,
    high,
    colour: colours[verdict],
    isFilled: verdict !== 'unchanged',
    words: `${name}: ${verdict}; by its line ${formatNumber(value, 3)} (${range}), score ${formatNumber(was, 3)} at step ${from} and ${formatNumber(is, 3)} at ${to}; r ${formatNumber(r, 2)}, q ${formatNumber(q, 2)}`,
  };
}
