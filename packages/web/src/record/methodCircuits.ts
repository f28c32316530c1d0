/** The circuits of one method among the moments of a run, as an analysis takes them. */
import type { MethodCircuits } from '@circuit-tuning/core';
import type { Moment } from './record.js';

export const circuitsOf = (moments: readonly Moment[], method: string): MethodCircuits => ({
  method,
  searches: moments
    .filter((moment) => moment.when === 'search' && moment.method === method)
    .toSorted((a, b) => a.step - b.step),
  before: moments.find(({ when }) => when === 'before'),
  after: moments.find((moment) => moment.when === 'after' && moment.method === method),
});
