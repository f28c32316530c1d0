/** Tables of analysis.json: the same for the terminal, for CSV and for report.html. */
import type { Analysis, NamedStay, Shared, SharedPart, TrendAnalysis } from '@circuit-tuning/core';
import type { Cell, Column, Table } from '../table.js';
import { number, ofEach } from './columns.js';

/** Of an overlap: which other circuit, in a table whose caption says what overlap is. */
const overlaps = (group: string): Column[] => [
  number('before', { group, title: 'Overlap with the search before' }),
  number('first', { group, title: 'Overlap with the first search' }),
];

export const turnoverTable = (analysis: Analysis): Table => ({
  caption:
    'What entered and left the circuit at each search; overlap, with the search before and with the first, is the share in common of all that either has',
  columns: [
    { head: 'Method' },
    number('step'),
    ...['edges', 'nodes'].flatMap((group) => [
      number('all', { group }),
      number('entered', { group }),
      number('left', { group }),
      ...overlaps(group === 'edges' ? 'overlap of edges' : 'overlap of nodes'),
    ]),
  ],
  rows: ofEach(analysis, ({ searches }) =>
    searches.map(({ step, edges, nodes }) => [
      step,
      ...[edges, nodes].flatMap(({ size, entered, left, previous, first }) => [size, entered, left, previous, first]),
    ]),
  ),
});

export const concentrationTable = (analysis: Analysis): Table => ({
  caption: 'How the scores of all edges are spread at each search: over many edges, or on few',
  columns: [
    { head: 'Method' },
    number('step'),
    number('entropy', { title: 'Of |score| as shares of their sum, in nats' }),
    number('effective edges', { title: 'e to the entropy' }),
    number('evenness', { title: 'Entropy over the most it could be: 1 where all edges are equally strong' }),
    number('Gini', { title: '0 where all edges are equally strong, near 1 where one has all' }),
    number('top 1 %', { group: 'share of' }),
    number('top 10 %', { group: 'share of' }),
  ],
  rows: ofEach(analysis, ({ searches }) =>
    searches.flatMap(({ step, scores: of }) =>
      of ? [[step, of.entropy, of.effective, of.evenness, of.gini, of.top1, of.top10]] : [],
    ),
  ),
});

const sharedColumns = (group?: string): Column[] => {
  const more = group === undefined ? {} : { group };
  return [
    number('before', more),
    number('after', more),
    number('both', more),
    number('overlap', more),
    number('by chance', { ...more, title: 'The overlap of two random sets of these sizes' }),
  ];
};
const sharedCells = ({ a, b, both, overlap, chance }: Shared): Cell[] => [a, b, both, overlap, chance];

export const driftTable = (analysis: Pick<Analysis, 'methods'>): Table => ({
  caption: 'The circuit before tuning and the one found after it',
  columns: [{ head: 'Method' }, ...sharedColumns('edges'), ...sharedColumns('nodes')],
  rows: ofEach(analysis, ({ drift }) => (drift ? [[...sharedCells(drift.edges), ...sharedCells(drift.nodes)]] : [])),
});

export const verdictTable = (analysis: Pick<Analysis, 'level' | 'methods'>): Table => ({
  caption: `Edges whose strength has a trend over the searches; at most ${analysis.level * 100} % of those named are expected to be false`,
  columns: [
    { head: 'Method' },
    number('searches'),
    number('worth', { title: 'How many independent searches they are worth, the median over edges' }),
    ...['edges tested', 'strengthened', 'weakened', 'unchanged'].map((head) => number(head)),
    ...['strengthened', 'weakened'].map((head) =>
      number(head, { group: 'by |r| > 0.5', title: 'The published rule, which looks at neither chance nor drift' }),
    ),
  ],
  rows: ofEach(analysis, ({ trends }) => (trends ? [verdictCells(trends)] : [])),
});

const verdictCells = (trends: TrendAnalysis): Cell[] => [
  trends.searches,
  trends.effective,
  trends.tested,
  trends.strengthened,
  trends.weakened,
  trends.unchanged,
  trends.published.strengthened,
  trends.published.weakened,
];

/** @param limit edges of each method. */
export const trendTable = (analysis: Pick<Analysis, 'methods'>, limit = Infinity): Table => ({
  caption: 'Strength of edges, |score|, against step: the clearest first',
  columns: [
    { head: 'Method' },
    { head: 'Edge' },
    { head: 'Verdict' },
    number('slope', { title: 'Change of |score| with each step' }),
    number('± 95 %', { title: 'Of the slope, for this edge alone; a dash where searches are too few' }),
    number('r'),
    number('p'),
    number('q', { title: 'p corrected for the number of edges (Benjamini and Hochberg)' }),
    number('first', { group: 'score' }),
    number('last', { group: 'score' }),
  ],
  rows: ofEach(analysis, ({ trends }) =>
    (trends?.edges ?? [])
      .slice(0, limit)
      .map(({ name, verdict, slope, margin, r, p, q, first, last }) => [
        name,
        verdict,
        slope,
        margin,
        r,
        p,
        q,
        first,
        last,
      ]),
  ),
});

export const stayTable = (analysis: Analysis, of: 'edges' | 'nodes'): Table => ({
  caption: `When ${of} entered and left the circuit`,
  columns: [
    { head: 'Method' },
    { head: of === 'edges' ? 'Edge' : 'Node' },
    number('entered', { title: 'Step of the first search that has it' }),
    number('left', { title: 'Step of the search at which it was gone for good' }),
    number('entries'),
    number('searches'),
    number('persistence', { title: 'Share of the searches that have it' }),
  ],
  rows: ofEach(analysis, (method) =>
    method[of].map(({ name, entered, left, entries, searches, persistence }: NamedStay) => [
      name,
      entered,
      left,
      entries,
      searches,
      persistence,
    ]),
  ),
});

const movementColumns: readonly Column[] = [
  number('numbers'),
  number('norm before'),
  number('norm of the change'),
  number('relative'),
  number('share', { title: 'Of the squared norm of the whole update' }),
];

/** @param limit nodes of each method. */
export const nodeMovementTable = (analysis: Analysis, limit = Infinity): Table => ({
  caption: 'Where the update lies, by node',
  columns: [{ head: 'Method' }, { head: 'Node' }, ...movementColumns],
  rows: ofEach(analysis, ({ movement }) =>
    (movement?.nodes ?? [])
      .slice(0, limit)
      .map(({ node, numbers, norm, moved, relative, share }) => [node, numbers, norm, moved, relative, share]),
  ),
});

export const sliceMovementTable = (analysis: Analysis): Table => ({
  caption: 'Where the update lies, by slice of a parameter',
  columns: [
    { head: 'Method' },
    { head: 'Parameter' },
    number('from'),
    number('to'),
    { head: 'Node' },
    ...movementColumns,
    number('effective rank', { title: 'Of the change: e to the entropy of its singular values' }),
  ],
  rows: ofEach(analysis, ({ movement }) =>
    (movement?.slices ?? []).map(({ parameter, from, to, node, numbers, norm, moved, relative, share, rank }) => [
      parameter,
      from,
      to,
      node,
      numbers,
      norm,
      moved,
      relative,
      share,
      rank,
    ]),
  ),
});

/** Parts of two circuits, A and B. */
export const sharedTable = (caption: string, head: string, parts: readonly SharedPart[]): Table => ({
  caption,
  columns: [{ head }, number('A'), number('B'), number('both'), number('overlap'), number('by chance')],
  rows: parts.map(({ part, ...shared }) => [part, ...sharedCells(shared)]),
});
