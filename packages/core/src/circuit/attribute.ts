/** Scores of all edges over a task: batches through the score graph, summed on the device, averaged over examples. */
import { TaskError } from '../errors.js';
import type { DeviceModel } from '../model/deviceModel.js';
import type { Program } from '../run/program.js';
import { commonT, makeBatches, type Batch } from '../task/batch.js';
import type { Example } from '../task/example.js';
import { feedObjective, feedSide, rangeStarts, type Inputs } from '../task/feed.js';
import { valueOf } from '../task/objective.js';
import { scoreRows, type ScoreRows } from '../task/scoreRows.js';
import { objectivesOf, type Metric } from './metric.js';
import type { Nodes } from './nodes.js';
import { meanName, meansGraph, scoreGraph, totalName, type Ablation } from './scoreGraph.js';

export interface AttributeOptions {
  readonly nodes: Nodes;
  readonly metric: Metric;
  /** What a source is replaced by: its value on the corrupted side, its mean over real tokens of these examples, or nothing. */
  readonly ablation: Ablation;
  /** Positions the score sums over: all, or those where answers are read. */
  readonly positions: 'all' | 'answer';
  /** 'sum': products per position, summed. 'mean-then-dot': the authors' form, means over an example's rows first. */
  readonly combine?: 'sum' | 'mean-then-dot';
  readonly batchSize: number;
  readonly onProgress?: (done: number, of: number) => void;
}

export interface Scores {
  readonly nodes: Nodes;
  /** [S, R], signed; 0 where there is no edge. Positive: the clean signal along this edge raises the metric. */
  readonly values: Float32Array<ArrayBuffer>;
  /** Mean of the metric on the clean side. */
  readonly metric: number;
  readonly examples: number;
}

/** @throws TaskError when patching is asked of examples without a corrupted side of the same length. */
export async function attribute(
  model: DeviceModel,
  examples: readonly Example[],
  options: AttributeOptions,
): Promise<Scores> {
  const { nodes, ablation, combine = 'sum', onProgress = () => {} } = options;
  const { batches, objectives, rows, isGathered, prefix, compile } = scoring(model, examples, options);
  if (ablation === 'mean') await takeMeans(model, nodes, batches);
  const program = await compile();
  model.session.clear(...nodes.readGroups.map((group) => totalName(prefix, group)));

  let metricSum = 0;
  for (const [i, batch] of batches.entries()) {
    const objective = objectives[i]!;
    const { picked, lse } = await program.run({
      ...feedSide('clean.', batch.clean),
      ...(ablation === 'patching' && feedSide('corrupt.', batch.corrupt!)),
      ...feedObjective(objective, batch.B * batch.T),
      ...feedRows(rows[i]!, batch, combine, isGathered),
    });
    metricSum += valueOf(objective, picked!, lse!).perExample.reduce((sum, value) => sum + value, 0);
    onProgress(i + 1, batches.length);
  }
  const values = await readTotals(model, nodes, prefix, examples.length);
  return { nodes, values, metric: metricSum / examples.length, examples: examples.length };
}

/**
 * Compiles what `attribute` of the same arguments runs, and runs nothing: for whoever knows what comes next.
 * @throws what `attribute` throws.
 */
export async function compileAttribute(
  model: DeviceModel,
  examples: readonly Example[],
  options: AttributeOptions,
): Promise<void> {
  await scoring(model, examples, options).compile();
}

/** Batches, what is read off them, and the program that scores edges with them. */
function scoring(model: DeviceModel, examples: readonly Example[], options: AttributeOptions) {
  const { nodes, metric, ablation, positions, combine = 'sum', batchSize } = options;
  if (examples.length === 0)
    throw new TaskError({
      where: 'attribute',
      rule: 'needs at least one example',
      got: 'none',
      cure: 'Give a task with rows',
    });
  const shape = { batchSize, sides: 'both' as const };
  const batches = makeBatches(examples, { ...shape, minT: commonT(examples, shape) });
  const objectives = objectivesOf(metric, batches);
  const isGathered = positions === 'answer' || combine === 'mean-then-dot';
  const paired = ablation === 'patching';
  const mostRows = Math.max(...batches.map((batch) => scoreRows(batch, { positions, paired }).M));
  const rows = batches.map((batch) => scoreRows(batch, { positions, paired, minM: mostRows }));

  const { B, T } = batches[0]!;
  const scoreShape = {
    M: objectives[0]!.M,
    P: objectives[0]!.P,
    ...(isGathered && { rows: mostRows }),
    ...(combine === 'mean-then-dot' && { pooled: batchSize }),
  };
  const prefix = `score ${nodes.convention} ${nodes.mlpGroups}`;
  const key = JSON.stringify([prefix, B, T, scoreShape, ablation]);
  const compile = (): Promise<Program> =>
    model.program(key, () =>
      scoreGraph(nodes, model.architecture({ B, T }, nodes.mlpGroups), scoreShape, { ablation, prefix }),
    );
  return { batches, objectives, rows, isGathered, prefix, compile };
}

function feedRows(rows: ScoreRows, batch: Batch, combine: 'sum' | 'mean-then-dot', isGathered: boolean): Inputs {
  if (!isGathered) return { 'score.weight': Float32Array.from(batch.clean.valid) };
  const lists = { 'score.clean': rows.clean, 'score.corrupt': rows.corrupt };
  if (combine === 'sum') return { ...lists, 'score.weight': rows.weight };
  const B = batch.B / batch.rowsPerExample;
  const reads = new Float32Array(B);
  rows.example.forEach((e, m) => (reads[e]! += rows.weight[m]! * rows.times[m]!));
  return {
    ...lists,
    'score.pool': rows.weight.map((weight, m) => (weight * rows.times[m]!) / reads[rows.example[m]!]!),
    'score.pool.starts': rangeStarts(rows.example, B),
    'score.weight': new Float32Array(B).fill(1),
  };
}

/**
 * Means of every source over the real tokens of the batches, left in the session's states: what mean ablation, of circuits
 * and of prompts, puts in a source's place. They are those of the parameters as they are, and stay until the next are taken.
 */
export async function takeMeans(model: DeviceModel, nodes: Nodes, batches: readonly Batch[]): Promise<void> {
  const { B, T } = batches[0]!;
  const key = JSON.stringify(['means', nodes.convention, nodes.mlpGroups, B, T]);
  const program = await model.program(key, () => ({
    graph: meansGraph(nodes, model.architecture({ B, T }, nodes.mlpGroups)),
  }));
  model.session.clear(...nodes.sourceGroups.map(meanName));
  const tokens = batches.reduce((sum, { clean }) => sum + clean.valid.reduce((n, valid) => n + valid, 0), 0);
  for (const { clean } of batches)
    await program.run({
      ...feedSide('clean.', clean),
      'mean.weight': Float32Array.from(clean.valid, (valid) => valid / tokens),
    });
}

async function readTotals(
  { session }: DeviceModel,
  nodes: Nodes,
  prefix: string,
  examples: number,
): Promise<Float32Array<ArrayBuffer>> {
  const R = nodes.reads.length;
  const values = new Float32Array(nodes.sources.length * R);
  // A read that the metric does not depend on has no total: its scores are 0.
  const groups = nodes.readGroups.filter((group) => session.has(totalName(prefix, group)));
  const read = await session.readAll(groups.map((group) => totalName(prefix, group)));
  for (const group of groups) {
    const totals = read.get(totalName(prefix, group))!;
    for (let s = 0; s < group.reach; s++)
      for (let i = 0; i < group.count; i++) values[s * R + group.first + i] = totals[s * group.count + i]! / examples;
  }
  return values;
}
