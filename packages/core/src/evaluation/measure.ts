/** What a model does on a task: a metric over its examples. */
import { Graph } from '../graph/graph.js';
import type { DeviceModel } from '../model/deviceModel.js';
import { PlainStream } from '../model/stream.js';
import { tokenInputs, transformer, unembedParams, type Architecture } from '../model/transformer.js';
import { readout } from '../model/vocabulary.js';
import { commonT, makeBatches, type Batch } from '../task/batch.js';
import type { Example } from '../task/example.js';
import { feedObjective, feedSide, objectiveInputs } from '../task/feed.js';
import { accuracy, meanOf, valueOf, type Objective } from '../task/objective.js';
import { objectivesOf, type Metric } from '../circuit/metric.js';
import type { ReadoutGraph } from '../model/readoutGraph.js';

export interface Measured {
  /** Mean over examples (over tokens for `nll`). */
  readonly value: number;
  /** One number for each example. */
  readonly perExample: readonly number[];
  /** Share of decisions that good has won; absent for losses. */
  readonly accuracy?: number;
}

export interface MeasureOptions {
  readonly metric: Metric;
  readonly batchSize: number;
  readonly onProgress?: (done: number, of: number) => void;
}

/** The metric of the whole model. */
export function measure(model: DeviceModel, examples: readonly Example[], options: MeasureOptions): Promise<Measured> {
  return model.session.during('measure', () => measured(model, examples, options));
}

async function measured(model: DeviceModel, examples: readonly Example[], options: MeasureOptions): Promise<Measured> {
  const { batches, objectives } = prepare(examples, options);
  const { B, T } = batches[0]!;
  const { M, P } = objectives[0]!;
  const program = await model.program(JSON.stringify(['forward', B, T, M, P]), () =>
    forwardGraph(model.architecture({ B, T }), { M, P }),
  );
  return collect(
    objectives,
    async (i) => program.run({ ...feedSide('clean.', batches[i]!.clean), ...feedObjective(objectives[i]!, B * T) }),
    options,
  );
}

/** Forward alone, and what the objective reads of it. */
export function forwardGraph(architecture: Architecture, { M, P }: { M: number; P: number }): ReadoutGraph {
  const graph = new Graph();
  const { chunks, B, T } = architecture;
  const x = transformer(graph, architecture, tokenInputs(graph, 'clean.', architecture), new PlainStream(graph));
  const objective = objectiveInputs(graph, { N: B * T, M, P });
  return { graph, fetch: readout(graph, x, objective, unembedParams(graph, architecture), chunks) };
}

/** Batches of one shape, and what the metric reads of each. */
export function prepare(
  examples: readonly Example[],
  { metric, batchSize }: MeasureOptions,
): { batches: Batch[]; objectives: Objective[] } {
  const isDifference = metric === 'logit_diff' || metric === 'logprob_diff';
  const shape = { batchSize, sides: isDifference ? ('both' as const) : ('good' as const) };
  const batches = makeBatches(examples, { ...shape, minT: commonT(examples, shape) });
  return { batches, objectives: objectivesOf(metric, batches) };
}

/** Runs each batch and puts the metric together. */
export async function collect(
  objectives: readonly Objective[],
  run: (i: number) => Promise<Record<string, Float32Array>>,
  { onProgress }: Pick<MeasureOptions, 'onProgress'> = {},
): Promise<Measured> {
  const totals: { total: number; count: number }[] = [];
  const perExample: number[] = [];
  const won = { right: 0, of: 0 };
  for (const [i, objective] of objectives.entries()) {
    const { picked, lse } = await run(i);
    const value = valueOf(objective, picked!, lse!);
    totals.push(tokenMean(objective, value));
    perExample.push(...value.perExample);
    if (objective.decides !== 'nothing') {
      const { right, of } = accuracy(objective, picked!, lse!);
      won.right += right;
      won.of += of;
    }
    onProgress?.(i + 1, objectives.length);
  }
  return { value: meanOf(totals), perExample, ...(won.of > 0 && { accuracy: won.right / won.of }) };
}

/** A loss is a mean over tokens, whatever example they stand in; differences are means over examples. */
function tokenMean(
  objective: Objective,
  value: { total: number; perExample: Float64Array; count: number },
): { total: number; count: number } {
  if (objective.decides !== 'nothing') return value;
  const tokens = new Float64Array(objective.examples);
  for (let m = 0; m < objective.valid; m++) tokens[objective.example[m]!]!++;
  const sum = value.perExample.reduce((so, mean, e) => so + mean * tokens[e]!, 0);
  return { total: sum / objective.count, count: objective.count };
}
