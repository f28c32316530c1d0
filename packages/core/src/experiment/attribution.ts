/** How an experiment scores edges: as the engine takes it, and as files tell it. */
import type { BootstrapOptions } from '../attribution/bootstrap.js';
import type { AttributeOptions } from '../attribution/scores.js';
import type { Prepared } from './prepared.js';

export function attributionOf({ nodes, metric, experiment }: Prepared): Omit<AttributeOptions, 'batchSize'> {
  const { method, steps, riemann, max_minutes: minutes, ablation, positions, combine } = experiment.discovery;
  return {
    nodes,
    metric,
    method,
    ...(steps !== undefined && { steps }),
    ...(riemann !== undefined && { riemann }),
    ...(minutes !== undefined && { maxMinutes: minutes }),
    ablation,
    positions,
    combine,
  };
}

/** Of the rule `stable`: the same draws in every search of an experiment. */
export function bootstrapOf({ experiment }: Prepared): BootstrapOptions {
  const { resamples, confidence } = experiment.discovery;
  return {
    ...(resamples !== undefined && { resamples }),
    ...(confidence !== undefined && { confidence }),
    seed: experiment.seed,
  };
}

/** What is written beside a circuit's scores. */
export function attributionMeta({ metric, experiment }: Prepared): Record<string, string | number> {
  const { method, steps, riemann, ablation, positions, combine } = experiment.discovery;
  return {
    metric,
    method,
    ...(steps !== undefined && { steps }),
    ...(riemann !== undefined && { riemann }),
    ablation,
    positions,
    combine,
  };
}
