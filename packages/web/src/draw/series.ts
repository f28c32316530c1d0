/** Lines of charts, as data. */

/** One line. */
export interface Series {
  readonly name: string;
  /** Whose colour and dash it takes; its name unless told. */
  readonly look?: string;
  /** By x ascending. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Lowest and highest at each x, drawn as an area behind the line. */
  readonly band?: readonly (readonly [x: number, low: number, high: number])[];
  /** Drawn thin and pale: what another series is the mean of. */
  readonly isRaw?: boolean;
  /** Marks every point: for curves of few. */
  readonly hasDots?: boolean;
}

/** A series and its mean over a sliding window, for a loss that jumps from batch to batch. */
export function smoothed(series: Series, window: number): Series[] {
  if (window < 2 || series.points.length < 2 * window) return [series];
  const mean: [number, number][] = [];
  let sum = 0;
  for (const [i, [x, y]] of series.points.entries()) {
    sum += y;
    if (i >= window) sum -= series.points[i - window]![1];
    mean.push([x, sum / Math.min(i + 1, window)]);
  }
  return [
    { ...series, isRaw: true },
    { ...series, points: mean },
  ];
}
