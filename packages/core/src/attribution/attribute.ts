/** Scores of all edges over a task: batches through the score graph, summed on the device, averaged over examples. */
import { TaskError } from '../errors.js';
import type { DeviceModel } from '../model/deviceModel.js';
import { commonT, makeBatches, type Batch } from '../task/batch.js';
import { requirePairs, type Example } from '../task/example.js';
import { feedObjective, feedSide, rangeStarts, type Inputs } from '../task/feed.js';
import { valueOf } from '../task/objective.js';
import { scoreRows, type ScoreRows } from '../task/scoreRows.js';
import { clearMeans, isMean, MEAN_WEIGHT, meanWeights, takeMeans } from './ablation.js';
import { awayOf, DEFAULT_STEPS, requireMethod, wayOf } from './attributionMethods.js';
import { exactScores } from './exact.js';
import { objectivesOf } from '../circuit/metric.js';
import type { Nodes } from '../circuit/nodes.js';
import { readSites, totalName } from './readSites.js';
import { scorerOf } from './scorer.js';
import { meanScores, type AttributeOptions, type Scores } from './scores.js';
import { tailsOf } from './tail.js';

/**
 * @throws TaskError when patching is asked of examples without a corrupted side of the same length; ConfigError where the
 * method cannot do what else is asked; LimitError where exact would take too long.
 */
export function attribute(
  model: DeviceModel,
  examples: readonly Example[],
  options: AttributeOptions,
): Promise<Scores> {
  return model.session.during('search', () => attributed(model, examples, options));
}

async function attributed(
  model: DeviceModel,
  examples: readonly Example[],
  options: AttributeOptions,
): Promise<Scores> {
  const { nodes, ablation, perExample, onProgress = () => {} } = options;
  if (options.method === 'exact') {
    requireAsked(examples, options);
    return exactScores(model, examples, options);
  }
  const { batches, objectives, inputsOf, isOwnMean, prefix, compile } = scoring(model, examples, options);
  if (isMean(ablation) && isOwnMean) clearMeans(model, nodes, ablation, batches[0]!.T);
  else if (isMean(ablation)) await takeMeans(model, nodes, batches, ablation);
  const scorer = await compile();
  const clear = (): void => model.session.clear(...readSites(nodes).map((site) => totalName(prefix, site)));
  const totals = (count: number) => readTotals(model, nodes, prefix, count * scorer.addends);
  clear();

  let metricSum = 0;
  const each: Float32Array<ArrayBuffer>[] = [];
  for (const [i, objective] of objectives.entries()) {
    const { picked, lse } = await scorer.run(inputsOf(i), (done) =>
      onProgress(i * scorer.runs + done, batches.length * scorer.runs),
    );
    metricSum += valueOf(objective, picked!, lse!).perExample.reduce((sum, value) => sum + value, 0);
    if (!perExample) continue;
    each.push(await totals(1));
    clear();
  }
  const found = { nodes, metric: metricSum / examples.length, examples: examples.length };
  if (!perExample) return { ...found, values: await totals(examples.length) };
  return { ...found, values: meanScores(each), perExample: each };
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
  // Programs of exact live as long as their edges take.
  if (options.method === 'exact') requireAsked(examples, options);
  else await scoring(model, examples, options).compile();
}

/**
 * Whether `attribute` of the same arguments runs its clean side once, and that on just what the batch holds: a step on the
 * batch may then take the forward pass over.
 */
export function isOneForwardOf(
  { B, T, clean }: Batch,
  examples: readonly Example[],
  options: AttributeOptions,
): boolean {
  if (options.method === 'exact' || wayOf[options.method ?? 'EAP']) return false;
  const [only, ...others] = batchesOf(examples, options);
  const isSame = (what: 'tokens' | 'mask' | 'positions'): boolean =>
    clean[what].every((value, n) => value === only!.clean[what][n]);
  return others.length === 0 && only!.B === B && only!.T === T && isSame('tokens') && isSame('mask') && isSame('positions'); // prettier-ignore
}

function batchesOf(examples: readonly Example[], { batchSize, perExample, bucket }: AttributeOptions): Batch[] {
  const shape = { batchSize: perExample ? 1 : batchSize, bucket, sides: 'both' as const };
  return makeBatches(examples, { ...shape, minT: commonT(examples, shape) });
}

function requireAsked(examples: readonly Example[], options: AttributeOptions): void {
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

/** Batches, what is read off them, and the programs that score edges with them. */
function scoring(model: DeviceModel, examples: readonly Example[], options: AttributeOptions) {
  const { nodes, metric, method = 'EAP', steps = DEFAULT_STEPS, ablation, positions, combine = 'sum' } = options;
  requireAsked(examples, options);
  const batchSize = options.perExample ? 1 : options.batchSize;
  const paired = ablation === 'patching';
  const way = wayOf[method];
  // What is moved is moved at every position.
  if (way && paired) requirePairs(examples, { positions: 'all' });
  const batches = batchesOf(examples, options);
  const objectives = objectivesOf(metric, batches);
  const isGathered = positions === 'answer' || combine === 'mean-then-dot';
  const mostRows = Math.max(...batches.map((batch) => scoreRows(batch, { positions, paired }).M));
  const rows = batches.map((batch) => scoreRows(batch, { positions, paired, minM: mostRows }));
  const read = batches.map((batch, i) => ({ batch, objective: objectives[i]!, rows: rows[i]! }));
  // Not where a source is moved: the tail would have to be moved with it, point by point.
  const tails = isGathered && !way ? tailsOf(read) : undefined;

  const { B, T } = batches[0]!;
  const scoreShape = {
    M: objectives[0]!.M,
    P: objectives[0]!.P,
    ...(isGathered && { rows: mostRows }),
    ...(tails && { tail: tails.Q }),
    ...(combine === 'mean-then-dot' && { pooled: batchSize }),
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
      ...(isGathered
        ? { ...at, ...feedRows(tail?.rows ?? rows[i]!, batch, combine) }
        : { 'score.weight': positionWeights(batch, options.counts) }),
      ...(isMean(ablation) && isOwnMean && { [MEAN_WEIGHT]: meanWeights(batches, ablation)(batch.clean) }),
    };
  };
  return { batches, objectives, inputsOf, isOwnMean, prefix, compile };
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

/** 1 for each position that counts. */
function positionWeights(
  { T, clean, examples, rowsPerExample }: Batch,
  counts: AttributeOptions['counts'],
): Float32Array<ArrayBuffer> {
  if (!counts) return Float32Array.from(clean.valid);
  const exampleOf = (n: number): Example => examples[Math.floor(n / T / rowsPerExample)]!;
  return Float32Array.from(clean.valid, (is, n) => (is && counts(exampleOf(n), clean.positions[n]!) ? 1 : 0));
}

async function readTotals(
  { session }: DeviceModel,
  nodes: Nodes,
  prefix: string,
  examples: number,
): Promise<Float32Array<ArrayBuffer>> {
  const R = nodes.reads.length;
  const values = new Float32Array(nodes.sources.length * R);
  // A site that the metric does not depend on has no total: its scores are 0.
  const sites = readSites(nodes).filter((site) => session.has(totalName(prefix, site)));
  const read = await session.readAll(sites.map((site) => totalName(prefix, site)));
  for (const site of sites) {
    const totals = read.get(totalName(prefix, site))!;
    for (let s = 0; s < site.reach; s++)
      for (let i = 0; i < site.count; i++) values[s * R + site.first + i] = totals[s * site.count + i]! / examples;
  }
  return values;
}
