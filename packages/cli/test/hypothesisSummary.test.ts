/** The table of answers that experiments/hypothesis/run.mjs puts above its tables: what it says of which numbers. */
import { expect, test } from 'vitest';
import { summaryOf } from '../../../experiments/hypothesis/summary.mjs';

interface Row {
  name: string;
  target: [mean: number, half: number];
  growth?: number;
  reached?: number;
}

/** A results.json of rows against the first of them. */
const results = (axis: string, rows: readonly Row[]): object => ({
  search: { bound: 2 },
  rows: rows.map(({ name, growth = 1, reached }) => ({
    values: { [axis]: name },
    at_bound: reached,
    numbers: {
      perplexity_factor: { mean: growth },
      tuned: { mean: name === 'full' ? 100 : 20 },
      nodes: { mean: 6.7 },
    },
  })),
  differences: rows.slice(1).map(({ name, target: [mean, half] }) => ({
    values: { [axis]: name },
    numbers: { target: { mean, half } },
  })),
});
const summary = (better: string, sweeps: Readonly<Record<string, object>>): string[] =>
  summaryOf([
    {
      title: 'a model',
      better,
      isAsked: (sweep: string) => sweep !== 'attractor',
      resultsOf: (sweep: string) => sweeps[sweep],
    },
  ]).split('\n');
const cell = (lines: readonly string[], question: string): string | undefined =>
  lines
    .find((line) => line.includes(question))
    ?.split(' | ')[1]
    ?.replace(' |', '');

test('says who went further, whichever way is better, and who did at the same growth of perplexity', () => {
  const controls = results('methods', [
    { name: 'circuit', target: [0, 0], reached: -4 },
    { name: 'random', target: [1.5, 0.4], reached: -3 },
    { name: 'full', target: [-0.2, 0.31], reached: -4.5 },
  ]);
  const lower = summary('lower', { controls });
  expect(cell(lower, 'how much of the model')).toBe('7 nodes, 20 % of the parameters');
  expect(cell(lower, 'or its size?')).toBe('**circuit** by 1.50 ± 0.40; at ×2 1.0');
  expect(cell(lower, '`full`')).toBe('not told apart, −0.20 ± 0.31; at ×2 −0.5');
  expect(cell(summary('higher', { controls }), 'or its size?')).toBe('**random** by 1.50 ± 0.40; at ×2 −1.0');
});

test('says which values go further or less far than the first, and at what price', () => {
  const edges = results('top_n', [
    { name: '10', target: [0, 0], growth: 1.1 },
    { name: '20', target: [0.5, 0.1], growth: 1.2 },
    { name: '50', target: [2, 0.5], growth: 1.5 },
    { name: '99', target: [-1, 0.25], growth: 9 },
  ]);
  expect(cell(summary('higher', { edges }), 'N:')).toBe(
    '**20, 50** further than 10, most 50: by 2.00 ± 0.50 (perplexity ×1.50, of 10 ×1.10); **99** less far than 10 by 1.00 ± 0.25 (perplexity ×9.00, of 10 ×1.10)',
  );
  const every = results('every', [
    { name: '2', target: [0, 0] },
    { name: '60', target: [0.1, 0.2] },
  ]);
  expect(cell(summary('lower', { every }), 'K:')).toBe(
    'none told apart; most 60 beside 2 −0.10 ± 0.20 (perplexity ×1.00, of 2 ×1.00)',
  );
});

test('says what was not run, and asks nothing of a counter-example that was tried on no model', () => {
  expect(cell(summary('higher', {}), 'R:')).toBe('not run');
  expect(summary('higher', {}).join()).not.toContain('no circuit before');
});
