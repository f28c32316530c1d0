/** What an experiment means where it says nothing, and that hangs on the model or on other keys. */
import { DEFAULT_CONFIDENCE, DEFAULT_RESAMPLES } from '../attribution/bootstrap.js';
import { DEFAULT_MINUTES, DEFAULT_STEPS, hasSteps } from '../attribution/attributionMethods.js';
import type { Metric } from '../circuit/metric.js';
import type { Nodes } from '../circuit/nodes.js';
import type { Selection } from '../circuit/select.js';
import type { Experiment } from './experiment.js';

/** The top-N of a command that names none. */
export const defaultTopN = ({ edgeCount }: Nodes): number => Math.max(1, Math.round(edgeCount / 10));

/** Edges of the first search. */
export const firstTopN = (topN: number | { from: number }): number => (typeof topN === 'number' ? topN : topN.from);

export const selectionOf = ({ select: rule, threshold, signed, pruned }: Experiment['discovery']): Selection => ({
  rule,
  signed,
  pruned,
  ...(threshold !== undefined && { threshold }),
});

export function complete(experiment: Experiment, nodes: Nodes, metric: Metric): Experiment {
  const { discovery, evaluation, tuning } = experiment;
  const topN = discovery.select === 'threshold' ? undefined : (discovery.top_n ?? defaultTopN(nodes));
  return {
    ...experiment,
    discovery: {
      ...discovery,
      metric,
      ...(hasSteps(discovery.method) && { steps: discovery.steps ?? DEFAULT_STEPS }),
      ...(discovery.method === 'exact' && { max_minutes: discovery.max_minutes ?? DEFAULT_MINUTES }),
      ...(topN !== undefined && { top_n: topN }),
      ...(discovery.select === 'stable' && {
        resamples: discovery.resamples ?? DEFAULT_RESAMPLES,
        confidence: discovery.confidence ?? DEFAULT_CONFIDENCE,
      }),
    },
    evaluation: {
      ...evaluation,
      ...(topN !== undefined && { faithfulness: evaluation.faithfulness ?? [firstTopN(topN)] }),
    },
    ...(tuning && {
      tuning: {
        ...tuning,
        learning_rate: tuning.learning_rate ?? (tuning.optimizer === 'sgd' ? 1e-3 : 1e-4),
        ...(topN !== undefined && { top_n: tuning.top_n ?? topN }),
        evaluate_every: tuning.evaluate_every ?? Math.ceil(tuning.steps / 10),
        save_every: tuning.save_every ?? Math.ceil(tuning.steps / 5),
      },
    }),
  };
}
