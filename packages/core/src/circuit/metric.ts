/** What a circuit is found for, by name. */
import { logitDiff, logProbDiff, nll } from '../task/losses.js';
import type { Batch } from '../task/batch.js';
import type { Objective } from '../task/objective.js';

/**
 * `logit_diff`: logit of good − bad answers · `logprob_diff`: log-probability of the good − the bad continuation, of any
 * length · `nll`, `nll_answers`: negative log-likelihood per token, of all tokens or of the answers.
 */
export const metrics = ['logit_diff', 'logprob_diff', 'nll', 'nll_answers'] as const;
export type Metric = (typeof metrics)[number];

interface Least {
  minM?: number;
  minP?: number;
}

const build: Record<Metric, (batch: Batch, least: Least) => Objective> = {
  logit_diff: (batch, least) => logitDiff(batch, { ...least, normalise: 'perExample' }),
  logprob_diff: (batch, least) => logProbDiff(batch, { ...least, normalise: 'perExample' }),
  nll: (batch, least) => nll(batch, { ...least, normalise: 'perExample', over: 'all' }),
  nll_answers: (batch, least) => nll(batch, { ...least, normalise: 'perExample', over: 'answers' }),
};

/** One objective for each batch, all of one shape, so that one plan serves them. */
export function objectivesOf(metric: Metric, batches: readonly Batch[]): Objective[] {
  return sameShape(batches, build[metric]);
}

/** Builds twice where needed: the second time with the largest M and P of the first. */
export function sameShape(batches: readonly Batch[], make: (batch: Batch, least: Least) => Objective): Objective[] {
  const first = batches.map((batch) => make(batch, {}));
  const minM = Math.max(...first.map(({ M }) => M));
  const minP = Math.max(...first.map(({ P }) => P));
  return first.map((objective, i) =>
    objective.M === minM && objective.P === minP ? objective : make(batches[i]!, { minM, minP }),
  );
}
