/**
 * What a model, or a circuit of it, does on a task. A circuit's metric always comes with its scale: the whole model, the
 * model with every edge ablated, and random circuits of the same size.
 */
import type { DeviceModel } from '../model/deviceModel.js';
import { readout } from '../model/vocabulary.js';
import { PlainStream } from '../model/stream.js';
import { tokenInputs, transformer, unembedParams, type Architecture } from '../model/transformer.js';
import { Graph } from '../graph/graph.js';
import { commonT, makeBatches, type Batch } from '../task/batch.js';
import { requirePairs, type Example } from '../task/example.js';
import { feedObjective, feedSide, objectiveInputs, type Inputs } from '../task/feed.js';
import { accuracy, meanOf, valueOf, type Objective } from '../task/objective.js';
import { Random } from '../task/random.js';
import { isMean, takeMeans, type Ablation } from './ablation.js';
import type { Circuit } from './circuit.js';
import { objectivesOf, type Metric } from './metric.js';
import { edgeIndex, isEdge, type Nodes } from './nodes.js';
import { keptName, patchGraph } from './patchGraph.js';
import type { ScoreGraph } from './scoreGraph.js';
import { randomEdges } from './randomCircuit.js';

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
export async function measure(
  model: DeviceModel,
  examples: readonly Example[],
  options: MeasureOptions,
): Promise<Measured> {
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

export interface PatchOptions extends MeasureOptions {
  /** What takes the place of a source along an edge that is cut. */
  readonly ablation: Ablation;
}

/** A model whose edges can be cut: any circuit of it is a pass over the examples. */
export interface PatchedModel {
  readonly nodes: Nodes;
  /** The metric of the whole model, and with every edge ablated. */
  readonly clean: number;
  readonly ablated: number;
  /** The metric of a circuit, every other edge ablated. */
  readonly metricOf: (circuit: Circuit) => Promise<number>;
  /** (metric − ablated) / (clean − ablated): 1 for the whole model, 0 with every edge ablated. */
  readonly share: (metric: number) => number;
}

export interface FaithfulnessOptions extends PatchOptions {
  /** Random circuits of the same size to compare with. */
  readonly controls?: number;
  readonly seed?: number;
}

export interface Faithfulness {
  readonly edges: number;
  /** The metric of the whole model, of the circuit alone, and with every edge ablated. */
  readonly clean: number;
  readonly circuit: number;
  readonly ablated: number;
  /** (circuit − ablated) / (clean − ablated) of the means. */
  readonly faithfulness: number;
  /** The same of random circuits with as many edges. */
  readonly random: readonly number[];
}

/**
 * Makes the plan, and measures the whole model and the ablated one, once for every circuit that is asked about.
 * @throws TaskError when patching is asked of examples without a corrupted side of the same length.
 */
export async function openPatched(
  model: DeviceModel,
  examples: readonly Example[],
  nodes: Nodes,
  options: PatchOptions,
): Promise<PatchedModel> {
  const { ablation } = options;
  if (ablation === 'patching') requirePairs(examples, { positions: 'all' });
  const { batches, objectives } = prepare(examples, options);
  const { B, T } = batches[0]!;
  const { M, P } = objectives[0]!;
  if (isMean(ablation)) await takeMeans(model, nodes, batches, ablation);
  const key = JSON.stringify(['patch', nodes.convention, nodes.mlpGroups, B, T, M, P, ablation]);
  const program = await model.program(key, () =>
    patchGraph(nodes, model.architecture({ B, T }, nodes.mlpGroups), { M, P }, ablation),
  );
  const metricOf = async (kept: Circuit): Promise<number> => {
    const edges = keptEdges(kept);
    const { value } = await collect(objectives, (i) =>
      program.run({
        ...feedSide('clean.', batches[i]!.clean),
        ...(ablation === 'patching' && feedSide('corrupt.', batches[i]!.corrupt!)),
        ...feedObjective(objectives[i]!, B * T),
        ...edges,
      }),
    );
    return value;
  };
  const clean = (await measure(model, examples, options)).value;
  const ablated = await metricOf({ nodes, edges: new Uint32Array() });
  return { nodes, clean, ablated, metricOf, share: (metric) => (metric - ablated) / (clean - ablated) };
}

/** Faithfulness of several circuits of one graph. */
export async function faithfulness(
  model: DeviceModel,
  examples: readonly Example[],
  circuits: readonly Circuit[],
  options: FaithfulnessOptions,
): Promise<Faithfulness[]> {
  const { controls = 3, seed = 0 } = options;
  const { nodes } = circuits[0]!;
  const { clean, ablated, metricOf, share } = await openPatched(model, examples, nodes, options);
  const results: Faithfulness[] = [];
  for (const [i, circuit] of circuits.entries()) {
    const value = await metricOf(circuit);
    const random: number[] = [];
    for (let c = 0; c < controls; c++)
      random.push(share(await metricOf(randomEdges(nodes, circuit.edges.length, new Random(seed, c)))));
    results.push({ edges: circuit.edges.length, clean, circuit: value, ablated, faithfulness: share(value), random });
    options.onProgress?.(i + 1, circuits.length);
  }
  return results;
}

/** For each read group, what `patchGraph` asks for. */
export function keptEdges({ nodes, edges }: Circuit): Inputs {
  const kept = new Set(edges);
  const S = nodes.sources.length;
  return Object.fromEntries(
    nodes.readGroups.map((group) => {
      const weights = new Float32Array(group.count * S);
      for (let i = 0; i < group.count; i++)
        for (let s = 0; s < S; s++) {
          const r = group.first + i;
          if (isEdge(nodes, s, r) && kept.has(edgeIndex(nodes, s, r))) weights[i * S + s] = -1;
        }
      return [keptName(group), weights];
    }),
  );
}

/** Forward alone, and what the objective reads of it. */
export function forwardGraph(architecture: Architecture, { M, P }: { M: number; P: number }): ScoreGraph {
  const graph = new Graph();
  const { config, chunks, B, T } = architecture;
  const x = transformer(graph, architecture, tokenInputs(graph, 'clean.', architecture), new PlainStream(graph));
  const objective = objectiveInputs(graph, { N: B * T, M, P });
  return { graph, fetch: readout(graph, x, objective, unembedParams(graph, config, chunks), chunks) };
}

function prepare(
  examples: readonly Example[],
  { metric, batchSize }: MeasureOptions,
): { batches: Batch[]; objectives: Objective[] } {
  const isDifference = metric === 'logit_diff' || metric === 'logprob_diff';
  const shape = { batchSize, sides: isDifference ? ('both' as const) : ('good' as const) };
  const batches = makeBatches(examples, { ...shape, minT: commonT(examples, shape) });
  return { batches, objectives: objectivesOf(metric, batches) };
}

async function collect(
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
