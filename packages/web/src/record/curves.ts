/** The curves of a run as numbers: which chart has which lines, one for each method. */
import type { Series } from '../draw/curves.js';
import { keptSets, whenInWords, type MethodStory, type RunStory } from './story.js';

export interface Curve {
  /** Stays the same while a run grows. */
  readonly id: string;
  /** What is learnt, what must be kept, what is trained. */
  readonly group: 'target' | 'keep' | 'circuit';
  readonly title: string;
  readonly lines: readonly Series[];
  /** Its values span decades: on a straight axis there would be one method, and a line at the bottom. */
  readonly isYLog: boolean;
  readonly yRange?: readonly [number, number];
  /** The values jump from step to step: a mean over so many of them says more. */
  readonly window?: number;
}

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
    ...(['first', 'previous'] as const).map((which) => ({
      id: which,
      group: 'circuit' as const,
      title: which === 'first' ? 'Overlap with the first circuit' : 'Overlap with the circuit before',
      // a method that searches once has nothing to overlap with
      lines: byMethod(
        methods.filter(({ searches }) => searches.length > 1),
        ({ searches }) => searches.map(({ step, [which]: overlap }) => [step, overlap]),
      ),
      yRange: [0, 1.04] as const,
    })),
  ];
  return curves
    .filter(({ lines }) => lines.some(({ points }) => points.length > 0))
    .map(({ canBeLog = false, ...curve }) => ({ ...curve, isYLog: canBeLog && spansDecades(curve.lines) }));
}

function byMethod(
  methods: readonly MethodStory[],
  points: (method: MethodStory) => readonly (readonly [number, number | undefined])[],
  hasDots = true,
): Series[] {
  return methods.map((one) => ({
    name: one.method,
    hasDots,
    points: points(one).filter(
      (point): point is readonly [number, number] => point[1] !== undefined && Number.isFinite(point[1]),
    ),
  }));
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
