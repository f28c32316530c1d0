/** What uPlot is told of a chart: its data in columns, its axes, the look of its lines, bands and levels. */
import uPlot from 'uplot';
import type { Series } from './series.js';
import type { Theme } from './watchTheme.js';

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

/** Columns of uPlot: all x, then each series' y, or null where it has none; then the ends of each band. */
export function aligned(series: readonly Series[]): uPlot.AlignedData {
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

export function settings(
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
