/** Every number of a run as tables: the same in a file that Node writes and in a page. */
import { changeOf, fates, type Change } from '../compare.js';
import type { CircuitSet, Compared } from '../circuitData.js';
import { formatNumber, type Cell, type Column, type Table } from '../table.js';
import {
  isTuned,
  keptSets,
  whenInWords,
  type Measurement,
  type MethodStory,
  type RunStory,
} from '../../record/story.js';

const number = (head: string, more: Partial<Column> = {}): Column => ({ head, isNumber: true, ...more });

/** Method × what it did: the table that answers the experiment. Without tuning, what the model does. */
export function outcomeTable(story: RunStory): Table {
  const sets = keptSets(story);
  const hasTuning = isTuned(story);
  const hasAccuracy = story.methods.some(({ measured }) => measured.some(({ accuracy }) => accuracy !== undefined));
  return {
    caption: hasTuning ? 'What each method did, before → after' : 'What the model does',
    columns: [
      { head: hasTuning ? 'Method' : 'Model' },
      number(`target: ${story.metric}`),
      ...(hasAccuracy ? [number('target: accuracy')] : []),
      ...sets.map((name) => number(`perplexity: ${name}`)),
      ...(hasTuning
        ? [
            number('parameters tuned at once', {
              title: 'The most parameters that were free to move at the same time',
            }),
            number('parameters moved', { title: 'Parameters whose value differs from the base model at the end' }),
            number('steps'),
            number('seconds', { digits: 3 }),
          ]
        : []),
    ],
    rows: story.methods.map(({ method, measured, steps, done }) => {
      const before = measured.find(({ step }) => step === 0);
      const last = measured.at(-1);
      const after = last === before ? undefined : last;
      const change = (
        value: (of: Measurement) => number | undefined,
        show = (of: number) => formatNumber(of, 3),
      ): Cell => {
        const values = [before, after].flatMap((of) => (of ? [value(of)] : [])).filter((of) => of !== undefined);
        return values.length > 0 ? { text: values.map(show).join(' → '), value: values.at(-1)! } : undefined;
      };
      return [
        method,
        change((of) => of.value),
        ...(hasAccuracy ? [change((of) => of.accuracy, percent)] : []),
        ...sets.map((name) => change((of) => of.keep[name]?.perplexity)),
        ...(hasTuning
          ? [
              done?.tunedMax ?? most(steps.map(({ tuned }) => tuned)),
              done?.moved,
              done?.steps ?? steps.at(-1)?.step,
              done && Number(done.seconds.toFixed(1)),
            ]
          : []),
      ];
    }),
  };
}

export const percent = (share: number): string => `${(100 * share).toFixed(1).replace(/\.0$/, '')} %`;

const most = (values: readonly (number | undefined)[]): number | undefined => {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? known.reduce((a, b) => Math.max(a, b)) : undefined;
};

export function faithfulnessTable(story: RunStory): Table {
  const { faithfulness } = story;
  const controls = Math.max(0, ...faithfulness.flatMap(({ rows }) => rows.map(({ random }) => random.length)));
  const hasOverlap = faithfulness.some(({ overlapBefore }) => overlapBefore !== undefined);
  return {
    caption: 'Faithfulness of a circuit: (circuit alone − all ablated) / (whole model − all ablated)',
    columns: [
      { head: 'Circuit' },
      number('edges'),
      number('faithfulness'),
      ...Array.from({ length: controls }, (_, i) => number(`${i + 1}`, { group: 'of random circuits' })),
      number('circuit alone', { group: 'metric' }),
      number('whole model', { group: 'metric' }),
      number('all ablated', { group: 'metric' }),
      ...(hasOverlap
        ? [number('overlap with before', { title: 'Share of edges in common with the circuit before tuning' })]
        : []),
    ],
    rows: faithfulness.flatMap(({ when, rows, overlapBefore }) =>
      rows.map((row): Cell[] => [
        whenInWords(story, when),
        row.edges,
        row.faithfulness,
        ...Array.from({ length: controls }, (_, i) => row.random[i]),
        row.circuit,
        row.clean,
        row.ablated,
        ...(hasOverlap ? [overlapBefore] : []),
      ]),
    ),
  };
}

export const gradedTable = (story: RunStory): Table => ({
  caption: 'Answers that the model wrote',
  columns: [
    { head: 'Task' },
    { head: 'Model' },
    { head: 'graded by' },
    number('answers'),
    number('right'),
    number('from', { group: '95 % interval' }),
    number('to', { group: '95 % interval' }),
    number('F1', { title: 'Of words, or the mean over tagged answers' }),
    number('without an answer'),
  ],
  rows: (story.graded ?? []).map(({ when, name, rule, examples, accuracy: { share, low, high }, ...of }): Cell[] => [
    name,
    when === 'before' ? 'base model' : when.replace(/^after:/, ''),
    rule,
    examples,
    share,
    low,
    high,
    of.f1?.mean ?? of.macro?.f1,
    of.unanswered,
  ]),
});

export function measurementTable(story: RunStory): Table {
  const sets = keptSets(story);
  return {
    caption: 'Measurements during tuning; step 0 is the base model',
    columns: [
      { head: 'Method' },
      number('step'),
      number(story.metric),
      number('accuracy'),
      ...sets.flatMap((group) => [number('nll', { group }), number('perplexity', { group })]),
    ],
    rows: story.methods.flatMap(({ method, measured }) =>
      measured.map(({ step, value, accuracy, keep }): Cell[] => [
        method,
        step,
        value,
        accuracy === undefined ? undefined : { text: percent(accuracy), value: accuracy },
        ...sets.flatMap((name) => [keep[name]?.nll, keep[name]?.perplexity]),
      ]),
    ),
  };
}

export const searchTable = ({ methods }: RunStory): Table => ({
  caption: 'Searches; overlap is the share of edges that two circuits have in common, of all that either has',
  columns: [
    { head: 'Method' },
    number('step'),
    number('edges'),
    number('nodes'),
    number('parameters'),
    number('with the first', { group: 'overlap' }),
    number('with the one before', { group: 'overlap' }),
    { head: 'File' },
  ],
  rows: methods.flatMap(({ method, searches }) =>
    searches.map(({ step, edges, nodes, tuned, first, previous, file }): Cell[] => [
      method,
      step,
      edges,
      nodes,
      tuned,
      first,
      previous,
      file,
    ]),
  ),
});

export const stepTable = ({ method, steps }: MethodStory): Table => ({
  caption: `Every step of ${method}`,
  columns: [
    number('step'),
    number('loss'),
    number('learning rate'),
    number('parameters tuned'),
    number('gradient norm'),
  ],
  rows: steps.map(({ step, loss, lr, tuned, gradNorm }) => [step, loss, lr, tuned, gradNorm]),
});

/** Edges of one or two circuits, the strongest first; at most `limit` of them. */
export function edgeTable(set: CircuitSet, { a, b }: Compared, limit: number): Table {
  const [before, after] = [a, b].map((circuit) => {
    const inside = new Uint8Array(set.from.length);
    if (circuit !== undefined) for (const i of set.circuits[circuit]!.inside) inside[i] = 1;
    return inside;
  }) as [Uint8Array, Uint8Array];
  const scoreIn = (circuit: number | undefined, i: number): number =>
    Math.abs((circuit === undefined ? 0 : set.circuits[circuit]!.score[i]) ?? 0);
  const size = Float64Array.from(set.from, (_, i) => Math.max(scoreIn(a, i), scoreIn(b, i)));
  const edges = Uint32Array.from(set.from, (_, i) => i)
    .filter((i) => before[i] === 1 || after[i] === 1)
    .sort((x, y) => size[y]! - size[x]! || x - y);
  const shown = Array.from(edges.subarray(0, limit));
  const fate = (i: number): Change =>
    changeOf(before[i] ? scoreIn(a, i) : Number.NaN, after[i] ? scoreIn(b, i) : Number.NaN);
  return {
    caption:
      shown.length < edges.length
        ? `The strongest ${shown.length} of ${edges.length} edges; the circuit files hold all`
        : `All ${edges.length} edges`,
    columns: [
      { head: 'From' },
      { head: 'To' },
      ...(b === undefined
        ? [number('score')]
        : [number('before', { group: 'score' }), number('after', { group: 'score' }), { head: 'Fate' }]),
    ],
    rows: shown.map((i) => [
      set.nodes.sources[set.from[i]!],
      set.nodes.reads[set.to[i]!],
      set.circuits[a]!.score[i],
      ...(b === undefined ? [] : [set.circuits[b]!.score[i], fates[fate(i)]]),
    ]),
  };
}
