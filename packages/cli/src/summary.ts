/** What came of a run, from its events: for people as tables, for machines as one object. */
import type {
  Curves,
  DoneEvent,
  FaithfulnessEvent,
  GradedEvent,
  Kept,
  Method,
  MetricEvent,
  RunEvent,
  TargetValue,
} from '@circuit-tuning/core';
import { duration } from './progress.js';
import { number, percent, table, withMargin } from './table.js';

export interface MethodSummary {
  readonly method: Method;
  readonly target: TargetValue;
  readonly keep: Readonly<Record<string, Kept>>;
  readonly prejudice?: MetricEvent['prejudice'];
  readonly moved: number;
  readonly tuned_max: number;
  readonly steps: number;
  readonly seconds: number;
  /** Overlap of the circuit found afterwards with the one before. */
  readonly jaccard_before?: number;
}

export interface Summary {
  readonly metric: string;
  readonly base?: Pick<MetricEvent, 'target' | 'keep' | 'prejudice'>;
  readonly faithfulness: FaithfulnessEvent['rows'];
  readonly curve?: Curves;
  readonly graded: readonly Omit<GradedEvent, 'kind'>[];
  readonly methods: readonly MethodSummary[];
}

export function summarise(events: readonly RunEvent[], metric: string): Summary {
  const metrics = events.filter((event): event is MetricEvent & { t: number } => event.kind === 'metric');
  const base = metrics.find(({ step }) => step === 0);
  const faithful = events.filter((event): event is FaithfulnessEvent & { t: number } => event.kind === 'faithfulness');
  const before = faithful.find(({ when }) => when === 'before');
  const graded = new Map(
    events.flatMap((event) => (event.kind === 'graded' ? [[`${event.when} ${event.name}`, event]] : [])),
  );
  const done = events.filter((event): event is DoneEvent & { t: number } => event.kind === 'done');
  return {
    metric,
    ...(base && { base: measuredIn(base) }),
    faithfulness: before?.rows ?? [],
    ...(before?.curve && { curve: before.curve }),
    graded: [...graded.values()].map(({ kind: _kind, t: _t, ...of }) => of),
    methods: done.map(({ method, moved, tuned_max, steps, seconds }) => {
      const last = metrics.findLast((event) => event.method === method)!;
      const overlap = faithful.find(({ when }) => when === `after:${method}`)?.jaccard_before;
      return {
        method,
        ...measuredIn(last),
        moved,
        tuned_max,
        steps,
        seconds,
        ...(overlap !== undefined && { jaccard_before: overlap }),
      };
    }),
  };
}

/** Faithfulness always stands beside the whole model, the ablated one, and random circuits of the same size. */
export const faithfulnessTable = (rows: FaithfulnessEvent['rows'], metric: string): string =>
  table(
    ['edges', `${metric} of the circuit`, 'of the model', 'ablated', 'faithfulness', 'random circuits'],
    rows.map(({ edges, circuit, clean, ablated, faithfulness, random }) => [
      number(edges),
      number(circuit),
      number(clean),
      number(ablated),
      percent(faithfulness),
      random.map((share) => percent(share)).join(' '),
    ]),
  );

const measuredIn = ({ target, keep, prejudice }: MetricEvent): NonNullable<Summary['base']> => ({
  target,
  keep,
  ...(prejudice && { prejudice }),
});

/** Nothing where it was not asked for. */
export function prejudiceTable({ base, methods }: Summary): string {
  const rows = [{ method: 'base model', ...base }, ...methods].flatMap(({ method, prejudice = {} }) =>
    Object.entries(prejudice).map(([name, { risk, risk_margin: risks, bias, bias_margin: biases }]) => [
      name,
      method,
      withMargin(risk, risks),
      withMargin(bias, biases),
    ]),
  );
  return rows.length === 0 ? '' : table(['prejudice', 'model', 'risk', 'bias'], rows);
}

export function gradedTable(graded: Summary['graded']): string {
  const hasF1 = graded.some(({ f1, macro }) => f1 ?? macro);
  return table(
    ['answers written', 'model', 'graded by', 'answers', 'right', '95% interval', ...(hasF1 ? ['F1'] : [])],
    graded.map(({ name, when, rule, examples, accuracy: { share, low, high }, f1, macro }) => [
      name,
      when === 'before' ? 'base model' : when.replace(/^after:/, ''),
      rule,
      number(examples),
      percent(share),
      `${percent(low)} to ${percent(high)}`,
      ...(hasF1 ? [number(f1?.mean ?? macro?.f1)] : []),
    ]),
  );
}

/** Columns of perplexity that a line still has room for; more of them become a table of their own. */
const ROOM = 2;

export function methodsTable({ metric, base, methods }: Summary): string {
  const kept = Object.keys(base?.keep ?? {});
  const isWide = kept.length > ROOM;
  const hasAccuracy = base?.target.accuracy !== undefined;
  const all = [
    { name: 'base model', target: base?.target, keep: base?.keep ?? {}, cost: ['0', '0', ''] },
    ...methods.map(({ method, target, keep, moved, steps, seconds }) => {
      return { name: method, target, keep, cost: [number(moved), number(steps), duration(seconds)] };
    }),
  ];
  const perplexities = (keep: Readonly<Record<string, Kept>>): string[] =>
    kept.map((key) => number(keep[key]?.perplexity));
  const main = table(
    [
      'method',
      metric,
      ...(hasAccuracy ? ['accuracy'] : []),
      ...(isWide ? [] : kept.map((key) => `perplexity of ${key}`)),
      'parameters moved',
      'steps',
      'time',
    ],
    all.map(({ name, target, keep, cost }) => [
      name,
      number(target?.value),
      ...(hasAccuracy ? [percent(target?.accuracy)] : []),
      ...(isWide ? [] : perplexities(keep)),
      ...cost,
    ]),
  );
  if (!isWide) return main;
  return `${main}\n${table(
    ['perplexity of', ...kept],
    all.map(({ name, keep }) => [name, ...perplexities(keep)]),
  )}`;
}
