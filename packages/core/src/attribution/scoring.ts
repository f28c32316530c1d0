/** What scoring edges over a task takes: batches, what is read off them, and the programs that score edges with them. */
import { TaskError } from '../errors.js';
import type { DeviceModel } from '../model/deviceModel.js';
import { commonT, makeBatches, type Batch } from '../task/batch.js';
import { requirePairs, type Example } from '../task/example.js';
import { feedObjective, feedSide, rangeStarts, type Inputs } from '../task/feed.js';
import type { Objective } from '../task/objective.js';
import { scoreRows, type ScoreRows } from '../task/scoreRows.js';
import { objectivesOf } from '../circuit/metric.js';
import { isMean, MEAN_WEIGHT, meanWeights } from './ablation.js';
import { awayOf, DEFAULT_STEPS, requireMethod, wayOf } from './attributionMethods.js';
import { byExample, byPlace, evenGroups, groupsAtOnce, type GroupedRows, type Places } from './rowGroups.js';
import { scorerOf, type Scorer } from './scorer.js';
import type { AttributeOptions } from './scores.js';
import { tailsOf } from './tail.js';

export interface Scoring {
  readonly batches: readonly Batch[];
  readonly objectives: readonly Objective[];
  /** What the programs are fed with for a batch. */
  readonly inputsOf: (batch: number) => Inputs;
  /** Means that ablate are those of the one batch there is, taken on the way. */
  readonly isOwnMean: boolean;
  /** Of the states that hold the totals. */
  readonly prefix: string;
  /** Groups of rows whose totals are kept apart. */
  readonly groups: number;
  readonly compile: () => Promise<Scorer>;
}

/** Scores of examples that are kept take room: there may be fewer examples at once than are asked for. */
export function batchesOf(examples: readonly Example[], options: AttributeOptions): Batch[] {
  const { nodes, batchSize: asked, perExample, bytes, bucket } = options;
  const batchSize = perExample ? Math.min(asked, examples.length, groupsAtOnce(nodes, bytes)) : asked;
  const shape = { batchSize, bucket, sides: 'both' as const };
  return makeBatches(examples, { ...shape, minT: commonT(examples, shape) });
}

export function requireAsked(examples: readonly Example[], options: AttributeOptions): void {
  const { method = 'EAP', ablation, positions, combine = 'sum' } = options;
  requireMethod({ method, ablation, positions, combine });
  if (examples.length === 0)
    throw new TaskError({
      where: 'attribute',
      rule: 'needs at least one example',
      got: 'none',
      cure: 'Give a task with rows',
    });
}

/** Where `places` are given, scores of each are kept apart; those of examples where options say so. */
export function scoring(
  model: DeviceModel,
  examples: readonly Example[],
  options: AttributeOptions,
  places?: Places,
): Scoring {
  const { nodes, metric, method = 'EAP', steps = DEFAULT_STEPS, ablation, positions, combine = 'sum' } = options;
  requireAsked(examples, options);
  const paired = ablation === 'patching';
  const way = wayOf[method];
  // What is moved is moved at every position.
  if (way && paired) requirePairs(examples, { positions: 'all' });
  const batches = batchesOf(examples, options);
  const objectives = objectivesOf(metric, batches);
  const isPooled = combine === 'mean-then-dot';
  const isListed = positions === 'answer' || isPooled || places !== undefined;
  const mostRows = Math.max(...batches.map((batch) => scoreRows(batch, { positions, paired }).M));
  const { B, T, rowsPerExample } = batches[0]!;
  const count = B / rowsPerExample;
  const grouped = (): GroupedRows => {
    const all = batches.map((batch) => scoreRows(batch, { positions, paired, minM: mostRows }));
    if (places) return byPlace(batches, all, places);
    const length = isPooled ? count : isListed ? mostRows : B * T;
    if (!options.perExample) return evenGroups(all, 1, length);
    return isListed && !isPooled ? byExample(all, count) : evenGroups(all, count, length / count);
  };
  const { rows, groups, starts } = grouped();
  const read = batches.map((batch, i) => ({ batch, objective: objectives[i]!, rows: rows[i]! }));
  // Not where a source is moved: the tail would have to be moved with it, point by point.
  const tails = isListed && !way ? tailsOf(read) : undefined;

  const scoreShape = {
    M: objectives[0]!.M,
    P: objectives[0]!.P,
    ...(groups.count > 1 && { groups }),
    ...(isListed && { rows: rows[0]!.M }),
    ...(tails && { tail: tails.Q }),
    ...(isPooled && { pooled: count }),
  };
  const prefix = `score ${nodes.convention} ${nodes.mlpGroups}`;
  // Of one batch, means need no pass of their own.
  const isOwnMean = isMean(ablation) && batches.length === 1;
  const compile = () =>
    scorerOf(model, {
      nodes,
      B,
      T,
      shape: scoreShape,
      ablation,
      prefix,
      ...(way && { way: { ...way, away: awayOf(way, steps, options.riemann) } }),
      isOwnMean,
      bytes: options.bytes,
      keep: options.keep,
    });
  const inputsOf = (i: number): Inputs => {
    const { batch, objective } = read[i]!;
    const tail = tails?.batches[i];
    const at = { 'score.at': rows[i]!.clean.map((n) => n % T) };
    return {
      ...feedSide('clean.', batch.clean),
      ...(paired && feedSide('corrupt.', batch.corrupt!)),
      ...(tail ? { ...tail.inputs, ...feedObjective(tail.objective, B * tails.Q) } : feedObjective(objective, B * T)),
      ...(isListed
        ? { ...at, ...feedRows(tail?.rows ?? rows[i]!, batch, combine) }
        : { 'score.weight': Float32Array.from(batch.clean.valid) }),
      'score.groups': starts[i]!,
      ...(isMean(ablation) && isOwnMean && { [MEAN_WEIGHT]: meanWeights(batches, ablation)(batch.clean) }),
    };
  };
  return { batches, objectives, inputsOf, isOwnMean, prefix, groups: groups.count, compile };
}

function feedRows(rows: ScoreRows, batch: Batch, combine: 'sum' | 'mean-then-dot'): Inputs {
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
