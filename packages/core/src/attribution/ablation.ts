/** What takes the place of a source: its value on the corrupted side, a mean, or nothing. */
import { Graph } from '../graph/graph.js';
import { elements, type Value } from '../graph/value.js';
import type { DeviceModel } from '../model/deviceModel.js';
import { PlainStream } from '../model/stream.js';
import { tokenInputs, transformer, type Architecture } from '../model/transformer.js';
import { accumulate, matmulTN, sub, subRow } from '../ops/index.js';
import type { Batch, Side } from '../task/batch.js';
import { feedSide } from '../task/feed.js';
import type { Nodes, SourceGroup } from '../circuit/nodes.js';

/**
 * `patching`: the value on the corrupted side · `mean`: the mean over real tokens of the examples · `mean-positional`: the
 * mean over examples at the same position · `zero`: nothing.
 */
export const ablations = ['patching', 'mean', 'mean-positional', 'zero'] as const;
export type Ablation = (typeof ablations)[number];
export type MeanAblation = 'mean' | 'mean-positional';

export const isMean = (ablation: Ablation): ablation is MeanAblation =>
  ablation === 'mean' || ablation === 'mean-positional';

/** State that holds the mean output of a source group, [U]; by position, [T, U]. */
export const meanName = ({ at, layer }: SourceGroup, ablation: MeanAblation, T: number): string =>
  ablation === 'mean' ? `mean.${at}${layer}` : `mean of ${T}.${at}${layer}`;

/** What a source group writes: whole outputs, or units and the weight rows that turn them into one output for each node. */
export function written(
  stream: PlainStream,
  { at, layer }: SourceGroup,
  { mlpGroups }: Nodes,
): { pre: Value; W?: Value } {
  if (at === 'input') return { pre: stream.input };
  const { pre, W, out } = stream.writes[2 * layer + (at === 'attn' ? 0 : 1)]!;
  return at === 'mlp' && mlpGroups === 1 ? { pre: out } : { pre, W };
}

export interface Baseline {
  readonly ablation: Ablation;
  /** The corrupted side, for patching. */
  readonly corrupt?: PlainStream | undefined;
  /** Positions of an example. */
  readonly T: number;
  /** Means of the very rows that `now` has, taken on the way; else those that `takeMeans` left. */
  readonly isOwnMean?: boolean;
}

/** now − ablated of a source group's whole outputs or units, [N, U]. */
export function deltaOf(
  graph: Graph,
  now: Value,
  group: SourceGroup,
  nodes: Nodes,
  { ablation, corrupt, T, isOwnMean = false }: Baseline,
): Value {
  const label = `${group.at}${group.layer}.delta`;
  if (corrupt) return graph.call(sub, { a: now, b: written(corrupt, group, nodes).pre }, { label }).y!;
  if (!isMean(ablation)) return now;
  const row = meanOf(graph, now, group, { ablation, T, isOwnMean });
  // All positions of an example are one row of their means.
  const [width] = row.shape as [number];
  return graph.call(subRow, { x: now, row }, { label, dims: { N: elements(now) / width, D: width } }).y!;
}

/** The mean that ablates a source group: of all that it writes in this batch, [N, U], or the one that `takeMeans` left. */
export function meanOf(
  graph: Graph,
  all: Value,
  group: SourceGroup,
  { ablation, T, isOwnMean }: { ablation: MeanAblation; T: number; isOwnMean: boolean },
): Value {
  if (isOwnMean) return taken(graph, all, group, ablation, T);
  return graph.state(meanName(group, ablation, T), [(ablation === 'mean' ? 1 : T) * all.shape[1]!]);
}

/** Input [N, P]: P = 1 makes one mean of all rows, P = T one for each position. */
export const MEAN_WEIGHT = 'mean.weight';

/** Adds the weighted rows of what a source group writes to the state of its mean. */
function taken(graph: Graph, pre: Value, group: SourceGroup, ablation: MeanAblation, T: number): Value {
  const a = graph.input(MEAN_WEIGHT, [pre.shape[0]!, ablation === 'mean' ? 1 : T]);
  const label = meanName(group, ablation, T);
  const x = graph.call(matmulTN, { a, b: pre }, { label }).y!;
  const total = graph.state(label, [x.shape[0]! * x.shape[1]!]);
  return graph.call(accumulate, { total, x }, { label: `${label}.sum` }).sum!;
}

/** Adds each source's output to its state. */
export function meansGraph(nodes: Nodes, architecture: Architecture, ablation: MeanAblation): Graph {
  const graph = new Graph();
  const stream = new PlainStream(graph);
  graph.within('clean', () => transformer(graph, architecture, tokenInputs(graph, 'clean.', architecture), stream));
  for (const group of nodes.sourceGroups)
    taken(graph, written(stream, group, nodes).pre, group, ablation, architecture.T);
  return graph;
}

/**
 * Means of every source over the batches, left in the session's states: what mean ablation, of circuits and of prompts,
 * puts in a source's place. They are those of the parameters as they are, and stay until the next are taken.
 */
export async function takeMeans(
  model: DeviceModel,
  nodes: Nodes,
  batches: readonly Batch[],
  ablation: MeanAblation = 'mean',
): Promise<void> {
  const { B, T } = batches[0]!;
  const key = JSON.stringify(['means', ablation, nodes.convention, nodes.mlpGroups, B, T]);
  const program = await model.program(key, () => ({
    graph: meansGraph(nodes, model.architecture({ B, T }, nodes.mlpGroups), ablation),
  }));
  clearMeans(model, nodes, ablation, T);
  const weights = meanWeights(batches, ablation);
  for (const { clean } of batches) await program.run({ ...feedSide('clean.', clean), [MEAN_WEIGHT]: weights(clean) });
}

export function clearMeans({ session }: DeviceModel, nodes: Nodes, ablation: MeanAblation, T: number): void {
  session.clear(...nodes.sourceGroups.map((group) => meanName(group, ablation, T)));
}

/** What MEAN_WEIGHT is fed with for one of the batches. */
export const meanWeights = (batches: readonly Batch[], ablation: MeanAblation): ((side: Side) => Float32Array) =>
  ablation === 'mean' ? tokenWeights(batches) : positionWeights(batches);

function tokenWeights(batches: readonly Batch[]): (side: Side) => Float32Array {
  const tokens = batches.reduce((sum, { clean }) => sum + clean.valid.reduce((n, valid) => n + valid, 0), 0);
  return ({ valid }) => Float32Array.from(valid, (is) => is / tokens);
}

/** [N, T]: a row counts in the column of its position. Positions that no example reaches have no mean, and need none. */
function positionWeights(batches: readonly Batch[]): (side: Side) => Float32Array {
  const { T } = batches[0]!;
  const count = new Float64Array(T);
  for (const { clean } of batches) clean.valid.forEach((is, n) => (count[n % T]! += is));
  return ({ valid }) => {
    const weight = new Float32Array(valid.length * T);
    valid.forEach((is, n) => (weight[n * T + (n % T)] = is && is / count[n % T]!));
    return weight;
  };
}
