/** How benches tune: plain steps of a run that they leave before its end. */
import type { TuneOptions } from '@circuit-tuning/core';

export const endless = {
  // far more than a bench takes: a schedule may look at it
  steps: 1e6,
  accumulation: 1,
  seed: 1,
  objective: 'all',
  // small enough that random weights stay finite however long a bench runs
  lr: 1e-4,
  momentum: 0.9,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  maxNorm: 0,
  warmupSteps: 0,
  schedule: 'constant',
} as const satisfies Partial<TuneOptions>;
