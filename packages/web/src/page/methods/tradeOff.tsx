/** Each method's way from the base model: how far it took the target against what was forgotten on the way. */
import { formatNumber } from '../../draw/table.js';
import { wayOf, type Outcome } from '../../record/outcome.js';
import { drawTheme } from '../charts/drawTheme.js';
import { methodTitle } from '../time/moments.js';
import { linear, ticks, tickText } from '../charts/scale.js';
import { useWidth } from '../charts/useWidth.js';
import './tradeOff.css';

const HEIGHT = 268;
const LEFT = 46;
const RIGHT = 16;
const TOP = 10;
const BOTTOM = 40;
/** What the longest name takes. */
const NAME = 112;

interface Way {
  readonly outcome: Outcome;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export function TradeOff({ outcomes, metric }: { outcomes: readonly Outcome[]; metric: string }) {
  const ways = outcomes.flatMap((outcome): Way[] => {
    const points = outcome.path.flatMap(({ value, forgot }) => (forgot === undefined ? [] : [{ x: value, y: forgot }]));
    return points.length > 1 ? [{ outcome, points }] : [];
  });
  if (ways.length === 0) return null;
  return (
    <figure class="trade-off">
      <h3>What did the target cost?</h3>
      <figcaption class="hint">
        Each line is a method on its way from the base model: how far it took the target, and what it forgot on the way.
      </figcaption>
      <p class="axis">Perplexity of what must be kept, × base model: lower forgets less</p>
      <Sized ways={ways} metric={metric} />
    </figure>
  );
}

function Sized(props: { ways: readonly Way[]; metric: string }) {
  const [place, width] = useWidth();
  return <div ref={place}>{width > 0 && <Picture {...props} width={width} />}</div>;
}

function Picture({ ways, metric, width }: { ways: readonly Way[]; metric: string; width: number }) {
  const { palette, line } = drawTheme.value;
  const all = ways.flatMap(({ points }) => points);
  const [xLow, xHigh] = wider(all.map(({ x }) => x));
  const [yLow, yHigh] = wider([1, ...all.map(({ y }) => y)]);
  // names stand where the lines do not come from
  const isLeft = ways.map(({ points }) => mean(points.map((point) => point.x)) > points.at(-1)!.x);
  const room = (is: boolean): number => (is ? Math.min(NAME, width / 3) : 0);
  const x = linear(xLow, xHigh, LEFT + room(isLeft.includes(true)), width - RIGHT - room(isLeft.includes(false)));
  const y = linear(yLow, yHigh, HEIGHT - BOTTOM, TOP);
  const way = wayOf(ways.map(({ outcome }) => outcome));
  const base = ways[0]!.points[0]!;
  const labels = apart(
    ways.map(({ points }) => y(points.at(-1)!.y)),
    15,
  );
  const [xTicks, yTicks] = [ticks(xLow, xHigh, width / 90), ticks(yLow, yHigh, 5)];
  const further = way > 0 ? 'further →' : way < 0 ? '← further' : '';
  return (
    <svg width={width} height={HEIGHT} role="img" aria-label={inWords(ways, metric)}>
      {yTicks.map((value) => (
        <g key={value}>
          <line x1={LEFT} x2={width - RIGHT} y1={y(value)} y2={y(value)} stroke={palette.faint} />
          <text class="tick" x={LEFT - 6} y={y(value) + 4} text-anchor="end">
            ×{tickText(value, yTicks)}
          </text>
        </g>
      ))}
      {xTicks.map((value) => (
        <text key={value} class="tick" x={x(value)} y={HEIGHT - BOTTOM + 16} text-anchor="middle">
          {tickText(value, xTicks)}
        </text>
      ))}
      <text class="tick" x={(LEFT + width - RIGHT) / 2} y={HEIGHT - 6} text-anchor="middle">
        {metric} {further && `(${further})`}
      </text>
      {ways.map(({ outcome: { method }, points }) => (
        <polyline
          key={method}
          fill="none"
          stroke={line(method).colour}
          stroke-width="1.5"
          stroke-opacity="0.7"
          stroke-dasharray={line(method).dash.join(' ')}
          points={points.map((point) => `${x(point.x)},${y(point.y)}`).join(' ')}
        />
      ))}
      <circle cx={x(base.x)} cy={y(base.y)} r="4" fill={palette.paper} stroke={palette.ink} stroke-width="1.5" />
      <text
        class="name"
        x={x(base.x)}
        y={y(base.y) - 9}
        fill={palette.ink}
        text-anchor={x(base.x) > width / 2 ? 'end' : 'start'}
      >
        base model
      </text>
      {ways.map(({ outcome: { method, state }, points }, i) => {
        const { colour } = line(method);
        const [px, py] = [x(points.at(-1)!.x), y(points.at(-1)!.y)];
        return (
          <g key={method}>
            <path
              d={markAt(i, px, py)}
              fill={state === 'done' ? colour : palette.paper}
              stroke={colour}
              stroke-width="1.5"
            >
              <title>{wayInWords(ways[i]!, metric)}</title>
            </path>
            <text
              class="name"
              x={px + (isLeft[i] ? -9 : 9)}
              y={labels[i]! + 4}
              fill={colour}
              text-anchor={isLeft[i] ? 'end' : 'start'}
            >
              {methodTitle(method)}
              {state === 'done' ? '' : ' (running)'}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b) / values.length;

function wider(values: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = (high - low || 1) * 0.08;
  return [low - room, high + room];
}

/** Circle, square, triangle, diamond: methods differ in shape as well as in colour. */
function markAt(which: number, x: number, y: number): string {
  const r = 5;
  const shapes = [
    `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`,
    `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}Z`,
    `M${x} ${y - r - 1}l${r + 1} ${2 * r}h${-2 * (r + 1)}Z`,
    `M${x} ${y - r - 1}l${r + 1} ${r + 1}l${-r - 1} ${r + 1}l${-r - 1} ${-r - 1}Z`,
  ];
  return shapes[which % shapes.length]!;
}

/** Heights moved until each is at least `least` from the one above, order kept. */
function apart(heights: readonly number[], least: number): number[] {
  const order = [...heights.keys()].sort((a, b) => heights[a]! - heights[b]!);
  const moved = [...heights];
  for (const [i, which] of order.entries())
    if (i > 0) moved[which] = Math.max(moved[which]!, moved[order[i - 1]!]! + least);
  // what was pushed below the picture pushes back
  const limit = HEIGHT - BOTTOM;
  for (let i = order.length - 1, below = limit + least; i >= 0; i--) {
    moved[order[i]!] = Math.min(moved[order[i]!]!, below - least);
    below = moved[order[i]!]!;
  }
  return moved;
}

const wayInWords = ({ outcome: { method }, points }: Way, metric: string): string =>
  `${methodTitle(method)}: ${metric} ${formatNumber(points[0]!.x, 3)} → ${formatNumber(points.at(-1)!.x, 3)}, perplexity × ${formatNumber(points.at(-1)!.y, 3)}`;

const inWords = (ways: readonly Way[], metric: string): string =>
  `Target against forgetting. ${ways.map((way) => wayInWords(way, metric)).join('. ')}. The table below has all numbers.`;
