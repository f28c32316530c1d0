/** A chart in words: what stands under it, at rest and where one points, and what a reader hears who cannot see it. */
import type uPlot from 'uplot';
import type { ChartOptions } from './chartPlot.js';
import { h } from './dom.js';
import type { Series } from './series.js';
import { formatNumber } from './table.js';
import type { Theme } from './watchTheme.js';

export function valuesAt(
  u: uPlot,
  idx: number,
  series: readonly Series[],
  { xLabel }: ChartOptions,
  { line }: Theme,
): Node[] {
  const parts: Node[] = [h('strong', {}, `${xLabel} ${formatNumber(u.data[0][idx]!)}`)];
  for (const [i, { name, look = name, isRaw, band }] of series.entries()) {
    if (isRaw) continue;
    const y = u.data[1 + i]?.[idx];
    const reach = band?.find(([x]) => x === u.data[0][idx]);
    const range = reach && `${formatNumber(reach[1], 3)} to ${formatNumber(reach[2], 3)}`;
    const text = typeof y === 'number' ? `${formatNumber(y, 3)}${range ? ` (${range})` : ''}` : range;
    if (text !== undefined) parts.push(key(`${name} ${text}`, line(look).colour));
  }
  return parts;
}

function key(text: string, colour: string): HTMLElement {
  const swatch = h('span', { class: 'swatch' });
  swatch.style.background = colour;
  return h('span', { class: 'key' }, swatch, text);
}

/** While nothing is pointed at. */
export function atRest(series: readonly Series[], { isKeyed }: ChartOptions, { line }: Theme): Node[] {
  if (!isKeyed) return [h('span', { class: 'hint' }, lastValues(series))];
  const known = series.filter(({ isRaw, points }) => !isRaw && points.length > 0);
  return known.map(({ name, look = name, points }) =>
    key(`${name} ${formatNumber(points.at(-1)![1], 3)}`, line(look).colour),
  );
}

/** Where each line ends: what one reads of a chart before pointing at it. */
const lastValues = (series: readonly Series[]): string => {
  const known = series.filter(({ isRaw, points }) => !isRaw && points.length > 0);
  return known.length > 0
    ? `at the end: ${known.map(({ name, points }) => `${name} ${formatNumber(points.at(-1)![1], 3)}`).join(' · ')}`
    : '';
};

/** Where each line starts and ends, for a reader who cannot see it. */
const ends = (series: readonly Series[]): string =>
  series
    .filter(({ isRaw, points }) => !isRaw && points.length > 0)
    .map(({ name, points }) => {
      const [first, last] = [points[0]![1], points.at(-1)![1]];
      return points.length === 1
        ? `${name} ${formatNumber(first)}`
        : `${name} ${formatNumber(first)} → ${formatNumber(last)}`;
    })
    .join(' · ');

export const inWords = (title: string, series: readonly Series[]): string =>
  `Line chart of ${title}, from its first to its last point: ${ends(series) || 'nothing measured'}. Left and right arrow keys read single points; the table below has all of them.`;
