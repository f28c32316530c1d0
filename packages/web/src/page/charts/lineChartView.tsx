/** A line chart of draw/ in the page: made once, given new lines only where they differ. */
import { useEffect, useRef } from 'preact/hooks';
import type { ChartOptions } from '../../draw/chartPlot.js';
import { lineChart, type Chart } from '../../draw/lineChart.js';
import type { Series } from '../../draw/series.js';
import './lineChartView.css';

interface Props {
  series: readonly Series[];
  /** What of it may not change after the first drawing must be part of the `key`. */
  options: ChartOptions;
  /** Where the vertical line stands. */
  cursor?: number | undefined;
}

export function LineChartView({ series, options, cursor }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart>(undefined);
  const shown = useRef('');
  useEffect(() => {
    const made = lineChart([], options);
    place.current!.append(made.element);
    chart.current = made;
    return () => {
      made.destroy();
      shown.current = '';
    };
  }, []);
  useEffect(() => {
    const now = fingerprint(series);
    if (now !== shown.current) chart.current?.setSeries(series);
    shown.current = now;
  });
  useEffect(() => chart.current?.setCursor(cursor), [cursor]);
  return <div class="chart-place" ref={place} />;
}

/** Lines only grow at their ends, or are others altogether. */
const fingerprint = (series: readonly Series[]): string =>
  series
    .map(({ name, points, isRaw, band }) => [name, points.length, points[0], points.at(-1), isRaw, band].join())
    .join('|');
