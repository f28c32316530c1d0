/** The score of an edge or a node over the searches of a method: filled where it was in the circuit, hollow where not. */
import { formatNumber } from '../../draw/table.js';
import type { Sighting } from '../../record/turnover.js';
import { drawTheme } from '../charts/drawTheme.js';
import { linear, ticks, tickText } from '../charts/scale.js';
import { useWidth } from '../charts/useWidth.js';
import './historyChart.css';

const HEIGHT = 112;
const LEFT = 46;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 22;

interface Props {
  sightings: readonly Sighting[];
  /** Index of the moment that is shown. */
  now: number;
  /** What the values are, e.g. `score of a0.h1 → m1`. */
  label: string;
  /** Whose colour the line takes. */
  method: string | undefined;
  onPick: (moment: number) => void;
}

export function HistoryChart(props: Props) {
  const [place, width] = useWidth();
  return (
    <div class="history" ref={place}>
      {width > 0 && <Picture {...props} width={width} />}
    </div>
  );
}

function Picture({ sightings, now, label, method, onPick, width }: Props & { width: number }) {
  const { palette, line } = drawTheme.value;
  const { colour } = line(method ?? 'before');
  const steps = sightings.map(({ step }) => step);
  const scores = [0, ...sightings.map(({ score }) => score)];
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  const x = linear(Math.min(...steps), Math.max(...steps), LEFT + 6, width - RIGHT);
  const y = linear(low, high, HEIGHT - BOTTOM, TOP);
  const marks = ticks(low, high, 3);
  // searches of the same step stand side by side
  const at = sightings.map(({ step }, i) => x(step) + (i > 0 && sightings[i - 1]!.step === step ? 8 : 0));
  const shown = Math.max(
    0,
    sightings.findIndex(({ moment }) => moment === now),
  );
  const isHere = sightings.some(({ moment }) => moment === now);
  const pickAt = (event: MouseEvent & { currentTarget: SVGSVGElement }): void => {
    const left = event.clientX - event.currentTarget.getBoundingClientRect().left;
    const nearest = at.reduce((best, it, i) => (Math.abs(it - left) < Math.abs(at[best]! - left) ? i : best), 0);
    onPick(sightings[nearest]!.moment);
  };
  const move = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    const next = by === undefined ? undefined : sightings[shown + by];
    if (by === undefined) return;
    event.preventDefault();
    if (next) onPick(next.moment);
  };
  return (
    <svg
      width={width}
      height={HEIGHT}
      tabindex={0}
      role="slider"
      aria-label={`${label}, search by search. Arrow keys go from one to the next`}
      aria-valuemin={0}
      aria-valuemax={sightings.length - 1}
      aria-valuenow={shown}
      aria-valuetext={sightings[shown] && inWords(sightings[shown])}
      onClick={pickAt}
      onKeyDown={move}
    >
      {marks.map((value) => (
        <g key={value}>
          <line
            x1={LEFT}
            x2={width - RIGHT}
            y1={y(value)}
            y2={y(value)}
            stroke={value === 0 ? palette.muted : palette.faint}
          />
          <text x={LEFT - 6} y={y(value) + 4} text-anchor="end">
            {value === 0 ? '0' : tickText(value, marks)}
          </text>
        </g>
      ))}
      {isHere && (
        <line x1={at[shown]} x2={at[shown]} y1={0} y2={HEIGHT - BOTTOM} stroke={palette.accent} stroke-width="2" />
      )}
      <polyline
        fill="none"
        stroke={colour}
        stroke-width="1.5"
        points={sightings.map(({ score }, i) => `${at[i]},${y(score)}`).join(' ')}
      />
      {sightings.map((sighting, i) => (
        <circle
          key={sighting.moment}
          cx={at[i]}
          cy={y(sighting.score)}
          r={sightings.length > 60 ? 2.5 : 4}
          fill={sighting.isInside ? colour : palette.paper}
          stroke={colour}
          stroke-width="1.5"
        >
          <title>{inWords(sighting)}</title>
        </circle>
      ))}
      <text x={LEFT} y={HEIGHT - 5}>
        {sightings[0]!.when}
      </text>
      {sightings.length > 1 && (
        <text x={width - RIGHT} y={HEIGHT - 5} text-anchor="end">
          {sightings.at(-1)!.when}
        </text>
      )}
    </svg>
  );
}

const inWords = ({ when, score, isInside }: Sighting): string =>
  `${when}: ${formatNumber(score, 3)}, ${isInside ? 'in the circuit' : 'not in the circuit'}`;
