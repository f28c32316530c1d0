import { expect, test } from 'vitest';
import { bandsOf, indexBefore, momentTitle } from '../../../src/page/time/moments.js';

const run = [
  { when: 'before', step: 0 },
  { when: 'search', method: 'circuit', step: 0 },
  { when: 'search', method: 'circuit', step: 20 },
  { when: 'after', method: 'circuit', step: 100 },
  { when: 'after', method: 'full', step: 100 },
  { when: 'search', method: 'random', step: 0 },
] as const;

test('moments are titled by what is trained and when', () => {
  expect([0, 2, 3, 4].map((i) => momentTitle(run[i]!))).toEqual([
    'Before tuning',
    'Circuit only, step 20',
    'Circuit only, after 100 steps',
    'All parameters, after 100 steps',
  ]);
});

test('the moment before the first of a method is the one before tuning, since every method starts there', () => {
  expect(run.map((_, i) => indexBefore(run, i))).toEqual([undefined, 0, 1, 2, 0, 0]);
});

test('there is nothing before a moment that does not exist', () => {
  expect(indexBefore([], -1)).toBeUndefined();
});

test('moments of one method are one band', () => {
  expect(bandsOf(run)).toEqual([
    { method: undefined, first: 0, last: 0 },
    { method: 'circuit', first: 1, last: 3 },
    { method: 'full', first: 4, last: 4 },
    { method: 'random', first: 5, last: 5 },
  ]);
});
