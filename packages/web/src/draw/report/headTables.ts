/** Tables of what heads write, look at and depend on, of analysis.json. */
import type { Analysis, Estimate } from '@circuit-tuning/core';
import type { Cell, Column, Table } from '../table.js';
import { number, ofEach } from './columns.js';

const interval = (estimate: Estimate | undefined): Cell[] => [estimate?.mean, estimate?.margin];
const intervalColumns = (group: string): Column[] => [
  number('mean', { group }),
  number('± 95 %', { group, title: '1.96 standard errors of the mean over examples' }),
];

export const headTable = (analysis: Analysis): Table => ({
  caption: 'What each part of the model does where answers are read, at the steps that were looked at',
  columns: [
    { head: 'Method' },
    number('step'),
    { head: 'Part' },
    ...intervalColumns('logits of good − bad'),
    ...intervalColumns('attention to the subject'),
    ...intervalColumns('cosine of OV with the answer'),
  ],
  rows: ofEach(analysis, ({ heads = [] }) =>
    heads.flatMap(({ step, parts }) =>
      parts.map(({ part, direct, attention, ov }) => [
        step,
        part,
        ...interval(direct),
        ...interval(attention),
        ...interval(ov),
      ]),
    ),
  ),
});

/** @param limit parts of each head at each step, those first whose ablation changes its attention most, or what it writes. */
export const upstreamTable = (analysis: Analysis, limit = Infinity): Table => ({
  caption:
    'What heads depend on: how much their attention to the subject, and the logits of good − bad that they write, change when one part before them is ablated',
  columns: [
    { head: 'Method' },
    number('step'),
    { head: 'Head' },
    { head: 'Part ablated' },
    { head: 'by' },
    number('whole', { group: 'attention to the subject' }),
    number('change', { group: 'attention to the subject' }),
    number('± 95 %', { group: 'attention to the subject' }),
    number('whole', { group: 'logits of good − bad' }),
    number('change', { group: 'logits of good − bad' }),
    number('± 95 %', { group: 'logits of good − bad' }),
  ],
  rows: ofEach(analysis, ({ heads = [] }) =>
    heads.flatMap(({ step, upstream = [] }) =>
      upstream.flatMap(({ head, ablation, attention, direct, parts }) =>
        parts
          .toSorted((a, b) => Math.abs((b.attention ?? b.direct).mean) - Math.abs((a.attention ?? a.direct).mean))
          .slice(0, limit)
          .map((it): Cell[] => [
            step,
            head,
            it.part,
            ablation,
            attention?.mean,
            ...interval(it.attention),
            direct.mean,
            ...interval(it.direct),
          ]),
      ),
    ),
  ),
});

/** @param limit parts of each method. */
export const flipTable = (analysis: Analysis, limit = Infinity): Table => ({
  caption:
    'What each part adds to the logits of good − bad, what changed most first; changes of sign are those of values whose 95 % interval does not hold 0',
  columns: [
    { head: 'Method' },
    { head: 'Part' },
    ...['first', 'last', 'changes of sign'].map((head) => number(head, { group: 'logits of good − bad' })),
    ...['first', 'last'].map((head) => number(head, { group: 'attention to the subject' })),
    ...['first', 'last', 'changes of sign'].map((head) => number(head, { group: 'cosine of OV' })),
  ],
  rows: ofEach(analysis, ({ parts = [] }) =>
    parts
      .slice(0, limit)
      .map(({ part, direct, attention, ov }): Cell[] => [
        part,
        direct.first,
        direct.last,
        direct.signChanges,
        attention?.first,
        attention?.last,
        ov?.first,
        ov?.last,
        ov?.signChanges,
      ]),
  ),
});
