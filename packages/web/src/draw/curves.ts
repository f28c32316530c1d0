/**
 * Line charts on uPlot: small, fast enough for a run that is watched live, and synchronised by a key, so that pointing
 * at a step in one chart points at it in all of them.
 */
import uPlot from 'uplot';
import { h, watchWidth } from './dom.js';
import type { Series } from './series.js';
import { formatNumber } from './table.js';
import { watchTheme, type Theme } from './watchTheme.js';

export type { Series };

export interface ChartOptions {
  readonly title: string;
  readonly xLabel: string;
  /** Where only powers of ten matter, such as numbers of edges. */
  readonly isXLog?: boolean;
  readonly isYLog?: boolean;
  readonly height?: number;
  /** Its lines are named in no legend around it, so it says which is which. */
  readonly isKeyed?: boolean;
  /** Charts with one key share their pointer. */
  readonly sync?: string;
  /** Horizontal lines that tell the scale, such as the whole model's value. */
  readonly levels?: readonly { readonly y: number; readonly text: string }[];
  /** Both ends of the x axis: where a run will end, or several charts stand above each other. The points' own unless told. */
  readonly xRange?: readonly [number, number];
  /** Both ends of the y axis, where several charts are to be compared. */
  readonly yRange?: readonly [number, number];
  /** Where a vertical line stands at first: the moment that other views show. See `setCursor`. */
  readonly cursor?: number;
  /** The reader clicked, dragged or pressed Enter at an x: the nearest of the points. */
  readonly onPick?: (x: number) => void;
}

export interface Chart {
  readonly element: HTMLElement;
  /** Points that were added to the same series are cheap: made for a run that is watched live. */
  setSeries(series: readonly Series[]): void;
  /** Puts the vertical line at an x, or away. */
  setCursor(x: number | undefined): void;
  destroy(): void;
}

export function lineChart(firstSeries: readonly Series[], options: ChartOptions): Chart {
  let series = firstSeries;
  let theme: Theme | undefined;
  let width = 0;
  let plot: uPlot | undefined;
  let { cursor } = options;
  const readout = h('p', { class: 'readout' });
  const place = h('div', { class: options.onPick ? 'plot pickable' : 'plot', tabindex: 0, role: 'img' });
  const element = h('figure', { class: 'chart' }, h('figcaption', {}, options.title), place, readout);

  /** What of the series a plot is made for; other points of the same are given to the plot that is there. */
  let madeFor: string | undefined;

  const draw = (): void => {
    if (!theme || width === 0) return;
    place.setAttribute('aria-label', inWords(options.title, series));
    const data = aligned(series);
    const shape = JSON.stringify(series.map(({ points, band, ...look }) => [look, points.length === 1, !band]));
    if (plot && shape === madeFor && data[0].length > 0) {
      plot.setData(data);
      tell(plot);
      return;
    }
    plot?.destroy();
    plot = undefined;
    place.replaceChildren();
    readout.replaceChildren(...atRest(series, options, theme));
    if (data[0].length === 0) return;
    madeFor = shape;
    plot = new uPlot(settings(series, options, theme, width, tell, putLine), data, place);
    plot.over.append(line);
    if (options.onPick) pickable(plot.over);
  };
  // an element of its own: moving it paints none of the chart again
  const line = h('div', { class: 'u-moment', hidden: true });
  const putLine = (): void => {
    const { min = Infinity, max = -Infinity } = plot?.scales['x'] ?? {};
    const isThere = cursor !== undefined && cursor >= min && cursor <= max;
    line.hidden = !isThere;
    if (plot && isThere) line.style.transform = `translateX(${plot.valToPos(cursor!, 'x')}px)`;
  };
  const pickAt = (left: number): void => {
    const x = plot?.data[0][plot.posToIdx(left)];
    if (x !== undefined && x !== cursor) options.onPick?.(x);
  };
  const pickable = (over: HTMLElement): void => {
    const pick = (event: MouseEvent): void => pickAt(event.clientX - over.getBoundingClientRect().left);
    over.addEventListener('pointerdown', (event) => {
      // a finger that scrolls the page over a chart picks nothing; one that taps, clicks
      if (event.pointerType === 'touch') return;
      over.setPointerCapture(event.pointerId);
      pick(event);
    });
    over.addEventListener('click', pick);
    over.addEventListener('pointermove', (event) => {
      if (event.buttons > 0 && event.pointerType !== 'touch') pick(event);
    });
  };
  const tell = (u: uPlot): void => {
    const { idx } = u.cursor;
    if (idx === null || idx === undefined) readout.replaceChildren(...atRest(series, options, theme!));
    else readout.replaceChildren(...valuesAt(u, idx, series, options, theme!));
  };
  place.addEventListener('keydown', ({ key }) => {
    if (!plot) return;
    if (key === 'Enter' && typeof plot.cursor.idx === 'number') options.onPick?.(plot.data[0][plot.cursor.idx]!);
    if (key !== 'ArrowLeft' && key !== 'ArrowRight') return;
    const xs = plot.data[0];
    const now = plot.cursor.idx ?? (key === 'ArrowRight' ? -1 : xs.length);
    const next = Math.min(xs.length - 1, Math.max(0, now + (key === 'ArrowRight' ? 1 : -1)));
    plot.setCursor({ left: plot.valToPos(xs[next]!, 'x'), top: 10 });
  });
  const unwatchTheme = watchTheme((now) => {
    theme = now;
    madeFor = undefined;
    draw();
  });
  const unwatchWidth = watchWidth(place, (now) => {
    width = now;
    if (!plot) return draw();
    plot.setSize({ width, height: options.height ?? 210 });
  });
  return {
    element,
    setSeries(next) {
      series = next;
      draw();
    },
    setCursor(x) {
      cursor = x;
      putLine();
    },
    destroy() {
      unwatchTheme();
      unwatchWidth();
      plot?.destroy();
      element.remove();
    },
  };
}

/** Columns of uPlot: all x, then each series' y, or null where it has none; then the ends of each band. */
function aligned(series: readonly Series[]): uPlot.AlignedData {
  const xs = [...new Set(series.flatMap(({ points, band = [] }) => [...points, ...band].map(([x]) => x)))].sort(
    (a, b) => a - b,
  );
  const at = new Map(xs.map((x, i) => [x, i]));
  const column = (values: readonly (readonly [number, number])[]): (number | null)[] => {
    const ys = Array<number | null>(xs.length).fill(null);
    for (const [x, y] of values) if (Number.isFinite(y)) ys[at.get(x)!] = y;
    return ys;
  };
  return [
    xs,
    ...series.map(({ points }) => column(points)),
    ...series.flatMap(({ band }) =>
      band ? [column(band.map(([x, , high]) => [x, high])), column(band.map(([x, low]) => [x, low]))] : [],
    ),
  ];
}

function settings(
  series: readonly Series[],
  { xLabel, isXLog, isYLog, height = 210, sync, levels = [], xRange, yRange }: ChartOptions,
  { palette, line }: Theme,
  width: number,
  tell: (u: uPlot) => void,
  painted: () => void,
): uPlot.Options {
  const banded = series.filter(({ band }) => band);
  const font = '11px system-ui, sans-serif';
  const axis: uPlot.Axis = {
    stroke: palette.muted,
    font,
    labelFont: font,
    grid: { stroke: palette.faint, width: 1 },
    ticks: { show: false },
    border: { show: false },
    values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : shortNumber(tick))),
  };
  return {
    width,
    height,
    legend: { show: false },
    padding: [10, 14, 0, 0],
    cursor: {
      drag: { x: false, y: false },
      y: false,
      points: { size: 7 },
      ...(sync && { sync: { key: sync, setSeries: false } }),
    },
    scales: {
      x: {
        time: false,
        distr: isXLog ? 3 : 1,
        range: (_, low, high) => (xRange ? [...xRange] : wider(low, high, isXLog)),
      },
      y: {
        distr: isYLog ? 3 : 1,
        ...(yRange
          ? { range: [yRange[0], yRange[1]] as uPlot.Range.MinMax }
          : !isYLog && { range: (_: uPlot, low: number, high: number) => notBlownUp(low, high) }),
      },
    },
    axes: [
      {
        ...axis,
        label: xLabel,
        labelSize: 18,
        size: 26,
        labelGap: 0,
        ...(isXLog && {
          splits: ({ data, width }: uPlot) => spread(data[0] as number[], (width - 70) / 46),
          filter: (_: uPlot, splits: number[]) => splits,
        }),
      },
      { ...axis, size: 52 },
    ],
    series: [
      {},
      ...series.map(({ name, look = name, points, isRaw, hasDots }) => {
        const { colour, dash } = line(look);
        return {
          stroke: isRaw ? `${colour}55` : colour,
          width: isRaw ? 1 : 2,
          dash: isRaw ? [] : [...dash],
          spanGaps: true,
          points: { show: Boolean(hasDots), size: points.length === 1 ? 9 : 5, fill: colour },
        };
      }),
      ...banded.flatMap(() => [
        { stroke: 'transparent', spanGaps: true, points: { show: false } },
        { stroke: 'transparent', spanGaps: true, points: { show: false } },
      ]),
    ],
    bands: banded.map(({ name, look = name }, i) => {
      const first = 1 + series.length + 2 * i;
      return { series: [first, first + 1] as [number, number], fill: `${line(look).colour}33` };
    }),
    hooks: {
      setCursor: [tell],
      // only now the axes have their places
      draw: [painted],
      drawAxes: [
        ({ ctx, bbox, valToPos, scales }) => {
          ctx.save();
          ctx.strokeStyle = palette.muted;
          ctx.fillStyle = palette.muted;
          ctx.lineWidth = devicePixelRatio;
          ctx.font = `${10 * devicePixelRatio}px system-ui, sans-serif`;
          ctx.textAlign = 'left';
          for (const { y, text } of levels) {
            if (y < (scales.y!.min ?? -Infinity) || y > (scales.y!.max ?? Infinity)) continue;
            const at = valToPos(y, 'y', true);
            ctx.beginPath();
            ctx.moveTo(bbox.left, at);
            ctx.lineTo(bbox.left + bbox.width, at);
            ctx.stroke();
            const isLow = y === Math.min(...levels.map((level) => level.y));
            ctx.fillText(text, bbox.left + 4 * devicePixelRatio, at + (isLow ? 12 : -4) * devicePixelRatio);
          }
          ctx.restore();
        },
      ],
    },
  };
}

/** Room on both sides, so that the first and the last dot are whole; a single x gets a width. */
function wider(low: number, high: number, isLog = false): [number, number] {
  if (isLog) return [low / 1.15, high * 1.15];
  return low === high ? [low - 1, high + 1] : [low, high];
}

/** A change of less than a fiftieth is not drawn as if it were one of everything. */
function notBlownUp(low: number, high: number): uPlot.Range.MinMax {
  const least = 0.02 * Math.max(Math.abs(low), Math.abs(high));
  const middle = (low + high) / 2;
  return high - low < least ? [middle - least, middle + least] : uPlot.rangeNum(low, high, 0.1, true);
}

/** At most `count` of the values, as evenly spread over their decades as they allow, the ends kept. */
function spread(values: readonly number[], count: number): number[] {
  const [first, last] = [values[0]!, values.at(-1)!];
  const least = Math.log(last / first) / Math.max(1, count);
  const kept: number[] = [];
  for (const value of values) if (kept.length === 0 || Math.log(value / kept.at(-1)!) >= least) kept.push(value);
  return kept;
}

const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const shortNumber = (value: number): string => short.format(value).replace('-', '−');

function valuesAt(u: uPlot, idx: number, series: readonly Series[], { xLabel }: ChartOptions, { line }: Theme): Node[] {
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
function atRest(series: readonly Series[], { isKeyed }: ChartOptions, { line }: Theme): Node[] {
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

const inWords = (title: string, series: readonly Series[]): string =>
  `Line chart of ${title}, from its first to its last point: ${ends(series) || 'nothing measured'}. Left and right arrow keys read single points; the table below has all of them.`;

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
