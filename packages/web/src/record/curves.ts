/** The curves of a run as numbers: which chart has which lines, one for each method. */
import type { Series } from '../draw/series.js';
import { byMethod, type Curve } from './curve.js';
import { keptCurve, searchCurves } from './searchCurves.js';
import { keptSets, whenInWords, type RunStory } from './story.js';

export type { Curve };

/** Every chart that has something to show. Methods that have not begun, and those not to be shown, are left out. */
export function curvesOf(story: RunStory, isShown: (method: string) => boolean = () => true): Curve[] {
  const methods = story.methods.filter(
    ({ method, steps, measured }) => isShown(method) && (steps.length > 0 || measured.some(({ step }) => step > 0)),
  );
  const longest = Math.max(0, ...methods.map(({ steps }) => steps.length));
  const curves: (Omit<Curve, 'isYLog'> & { canBeLog?: boolean })[] = [
    {
      id: 'value',
      group: 'target',
      title: `Target: ${story.metric}`,
      lines: byMethod(methods, ({ measured }) => measured.map(({ step, value }) => [step, value])),
    },
    {
      id: 'accuracy',
      group: 'target',
      title: 'Target: accuracy',
      lines: byMethod(methods, ({ measured }) => measured.map(({ step, accuracy }) => [step, accuracy])),
      yRange: [0, 1.04],
    },
    {
      id: 'loss',
      group: 'target',
      title: 'Training loss',
      lines: byMethod(methods, ({ steps }) => steps.map(({ step, loss }) => [step, loss]), false),
      window: Math.ceil(longest / 20),
    },
    ...keptSets(story).map((name) => ({
      id: `keep:${name}`,
      group: 'keep' as const,
      title: `Perplexity of ${name}`,
      lines: byMethod(methods, ({ measured }) => measured.map(({ step, keep }) => [step, keep[name]?.perplexity])),
      canBeLog: true,
    })),
    {
      id: 'tuned',
      group: 'circuit',
      title: 'Parameters trained',
      lines: byMethod(methods, ({ steps }) => steps.map(({ step, tuned }) => [step, tuned]), false),
    },
    {
      id: 'moved',
      group: 'circuit',
      title: 'How far parameters moved, ‖Δ‖ / ‖base‖',
      lines: byMethod(methods, ({ moved = [] }) => moved.map(({ step, relative }) => [step, relative])),
    },
    ...searchCurves(
      methods.filter(({ searches }) => searches.length > 1), // of one search there is nothing to compare
    ),
    ...methods.flatMap((method) => keptCurve(method, keptSets(story))),
  ];
  return curves
    .filter(({ lines }) => lines.some(({ points }) => points.length > 0))
    .map(({ canBeLog = false, ...curve }) => ({ ...curve, isYLog: canBeLog && spansDecades(curve.lines) }));
}

function spansDecades(lines: readonly Series[]): boolean {
  const values = lines.flatMap(({ points }) => points.map(([, y]) => y));
  return Math.min(...values) > 0 && Math.max(...values) > 20 * Math.min(...values);
}

/** Faithfulness by size: the curve before tuning with the random circuits beside it, and what was found after tuning. */
export function faithfulnessLines(story: RunStory): { lines: readonly Series[]; yRange: readonly [number, number] } {
  const lines: Series[] = [];
  const withRows = story.faithfulness.filter(({ rows }) => rows.length > 0);
  for (const [i, { when, rows }] of withRows.entries()) {
    const sorted = [...rows].sort((a, b) => a.edges - b.edges);
    lines.push({
      name: whenInWords(story, when),
      look: when.replace(/^after:/, ''),
      points: sorted.filter((row) => Number.isFinite(row.faithfulness)).map((row) => [row.edges, row.faithfulness]),
      hasDots: true,
    });
    const band = sorted
      .filter(({ random }) => random.length > 0)
      .map(({ edges, random }) => [edges, Math.min(...random), Math.max(...random)] as const);
    if (i === 0 && band.length > 0) lines.push({ name: 'random circuits', look: 'random', points: [], band });
  }
  const values = lines.flatMap(({ points, band = [] }) => [
    ...points.map(([, y]) => y),
    ...band.flatMap(([, low, high]) => [low, high]),
  ]);
  const [low, high] = [Math.min(0, ...values), Math.max(1, ...values)];
  const room = (high - low) * 0.09;
  return { lines, yRange: [low - room, high + room] };
}
