/**
 * What the metric loses when one edge alone carries the ablated value: the truth that other methods estimate.
 *
 *   score(s, r) = metric − metric with edge s → r patched
 */
import { ConfigError, LimitError } from '../errors.js';
import type { DeviceModel } from '../model/deviceModel.js';
import type { Program } from '../run/program.js';
import { commonT, makeBatches, type Batch } from '../task/batch.js';
import { repeated, repeatedSide } from '../task/copies.js';
import { requirePairs, type Example } from '../task/example.js';
import { feedObjective, feedSide, type Inputs } from '../task/feed.js';
import { valueOf, type Objective } from '../task/objective.js';
import { isMean, takeMeans } from './ablation.js';
import { DEFAULT_MINUTES } from './attributionMethods.js';
import { CUT, exactGraph } from './exactGraph.js';
import { objectivesOf } from '../circuit/metric.js';
import { edgeIndex, type Nodes, type ReadGroup } from '../circuit/nodes.js';
import { meanScores, type AttributeOptions, type Scores } from './scores.js';

/** Rows of one run at most: above, a GPU is no faster, and a page would wait. */
const MOST_ROWS = 2048;

export type ExactOptions = Pick<
  AttributeOptions,
  'nodes' | 'metric' | 'ablation' | 'batchSize' | 'maxMinutes' | 'perExample' | 'onProgress'
> & {
  /** How much of the patch is made; scores are divided by it. As it goes to 0 they become those of EAP. 1 unless told. */
  readonly amount?: number;
};

/**
 * @throws LimitError, after two runs, where all of them would take longer than `maxMinutes`; TaskError when patching is
 * asked of examples without a corrupted side of the same length.
 */
export async function exactScores(
  model: DeviceModel,
  examples: readonly Example[],
  options: ExactOptions,
): Promise<Scores> {
  const { nodes, maxMinutes = DEFAULT_MINUTES, amount = 1, onProgress } = options;
  if (!(maxMinutes > 0))
    throw new ConfigError({ where: 'exact: minutes', rule: 'must be above 0', got: maxMinutes, cure: 'Leave it out' });
  const { batches, objectives, groups, copies, compile } = await patching(model, examples, options);
  const chunks = new Map(groups.map((group) => [group, chunked(edgesOf(group), copies - 1)]));
  const runs = batches.length * [...chunks.values()].reduce((sum, { length }) => sum + length, 0);
  const perExample = examples.map(() => new Float32Array(nodes.sources.length * nodes.reads.length));
  let clean: number[] = [];
  let done = 0;
  for (const group of groups) {
    const program = await compile(group);
    try {
      for (const edges of chunks.get(group)!) {
        const cut = cutOf(nodes, group, copies, edges, amount);
        const before: number[] = [];
        for (const [i, batch] of batches.entries()) {
          const since = performance.now();
          const { picked, lse } = await program.run({ ...feedCopies(batch, objectives[i]!, copies), [CUT]: cut });
          const values = valuesOf(objectives[i]!, copies, picked!, lse!);
          const metrics = values[0]!;
          edges.forEach(({ s, r }, e) =>
            metrics.forEach((whole, j) => {
              perExample[before.length + j]![edgeIndex(nodes, s, r)] = (whole - values[e + 1]![j]!) / amount;
            }),
          );
          before.push(...metrics);
          done++;
          // The first run warms up.
          if (done === 2) requireTime(((performance.now() - since) / 60_000) * runs, maxMinutes, nodes);
          onProgress?.(done, runs);
        }
        clean = before;
      }
    } finally {
      program.dispose();
    }
  }
  const values = meanScores(perExample);
  const total = clean.reduce((sum, value) => sum + value, 0);
  const scores = { nodes, values, metric: total / examples.length, examples: examples.length };
  return options.perExample ? { ...scores, perExample } : scores;
}

/** Makes every program of `exactScores` in its turn and runs none: what it allocates, without the passes that edges take. */
export async function rehearseExact(
  model: DeviceModel,
  examples: readonly Example[],
  options: ExactOptions,
): Promise<void> {
  const { groups, compile } = await patching(model, examples, options);
  for (const group of groups) (await compile(group)).dispose();
}

/** Batches, and the program that cuts edges to a group of reads. */
async function patching(
  model: DeviceModel,
  examples: readonly Example[],
  { nodes, metric, ablation, batchSize }: ExactOptions,
) {
  if (ablation === 'patching') requirePairs(examples, { positions: 'all' });
  const shape = { batchSize, sides: 'both' as const };
  const batches = makeBatches(examples, { ...shape, minT: commonT(examples, shape) });
  const objectives = objectivesOf(metric, batches);
  if (isMean(ablation)) await takeMeans(model, nodes, batches, ablation);
  const { B, T } = batches[0]!;
  const copies = copiesOf(model, nodes, batches[0]!);
  const groups = nodes.readGroups.filter(({ reach }) => reach > 0);
  const compile = (group: ReadGroup): Promise<Program> => {
    const architecture = model.architecture({ B, T }, nodes.mlpGroups);
    const { graph, fetch } = exactGraph(nodes, architecture, objectives[0]!, { ablation, group, copies });
    return model.session.compile(graph, { ...fetch });
  };
  return { batches, objectives, groups, copies, compile };
}

interface Edge {
  readonly s: number;
  readonly r: number;
}

const edgesOf = ({ first, count, reach }: ReadGroup): Edge[] =>
  Array.from({ length: count * reach }, (_, i) => ({ s: i % reach, r: first + Math.floor(i / reach) }));

const chunked = (edges: readonly Edge[], size: number): Edge[][] =>
  Array.from({ length: Math.ceil(edges.length / size) }, (_, i) => edges.slice(i * size, (i + 1) * size));

/** Copies of a batch that run at once; the first of them stays clean. */
function copiesOf(model: DeviceModel, nodes: Nodes, { B, T }: Batch): number {
  const { maxStorageBufferBindingSize: most } = model.session.capabilities.limits;
  const widest = Math.max(...nodes.readGroups.map(({ count }) => count));
  const rows = Math.min(MOST_ROWS, most / (4 * widest * nodes.config.D));
  const edges = Math.max(...nodes.readGroups.map(({ count, reach }) => count * reach));
  return Math.max(2, Math.min(Math.floor(rows / (B * T)), 1 + edges));
}

/** Copy e + 1 patches edge e. */
function cutOf(
  nodes: Nodes,
  { first, count }: ReadGroup,
  copies: number,
  edges: readonly Edge[],
  amount: number,
): Float32Array {
  const I = nodes.sources.length;
  const cut = new Float32Array(count * copies * I);
  edges.forEach(({ s, r }, e) => (cut[((r - first) * copies + e + 1) * I + s] = amount));
  return cut;
}

function feedCopies(batch: Batch, objective: Objective, copies: number): Inputs {
  const { clean, corrupt, B, T } = batch;
  const N = B * T;
  // The seeds serve gradients, which are not taken here.
  const rows = {
    ...objective,
    rows: repeated(objective.rows, copies, N),
    ids: repeated(objective.ids, copies),
  };
  return {
    ...feedSide('clean.', clean),
    ...(corrupt && feedSide('corrupt.', corrupt)),
    ...feedSide('many.', repeatedSide(clean, copies)),
    ...feedObjective(rows, copies * N),
  };
}

/** The metric of every example, for each copy. */
const valuesOf = (objective: Objective, copies: number, picked: Float32Array, lse: Float32Array): number[][] =>
  Array.from({ length: copies }, (_, c) => {
    const { M, P } = objective;
    const own = [picked.subarray(c * M * P, (c + 1) * M * P), lse.subarray(c * M, (c + 1) * M)] as const;
    return [...valueOf(objective, ...own).perExample];
  });

function requireTime(minutes: number, most: number, { edgeCount }: Nodes): void {
  if (minutes <= most) return;
  throw new LimitError({
    where: 'exact',
    rule: `patching ${edgeCount} edges one by one must take at most ${most} minutes`,
    got: `about ${minutes < 120 ? `${Math.ceil(minutes)} minutes` : `${Math.ceil(minutes / 60)} hours`}`,
    cure: 'Take fewer examples, a graph of fewer nodes or the method EAP-IG-inputs, or allow more minutes',
  });
}
