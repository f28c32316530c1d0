/** What ablation takes away from every source, at the rows that are scored: made where it is used, or kept for later. */
import { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { PlainStream } from '../model/stream.js';
import { tokenInputs, transformer, unembedParams, type Architecture } from '../model/transformer.js';
import { readout } from '../model/vocabulary.js';
import { accumulate, groupedNN, sub, subRow } from '../ops/index.js';
import { objectiveInputs } from '../task/feed.js';
import { deltaOf, isMean, meanOf, written, type Ablation, type Baseline } from './ablation.js';
import type { Nodes, SourceGroup } from '../circuit/nodes.js';
import { ScoredRows, type ScoreShape } from './scoredRows.js';
import type { ReadoutGraph } from '../model/readoutGraph.js';
import { cleanSide, type CleanSide } from './tail.js';

/** One side of a pair run through the model. */
export function sideOf(graph: Graph, architecture: Architecture, name: 'clean' | 'corrupt'): PlainStream {
  const stream = new PlainStream(graph);
  graph.within(name, () => transformer(graph, architecture, tokenInputs(graph, `${name}.`, architecture), stream));
  return stream;
}

export interface Sides extends Pick<CleanSide, 'whole' | 'seen'> {
  readonly corrupt: PlainStream | undefined;
}

/** clean − ablated of a source group at the scored rows, [length, D or U]. */
export function scoredDelta(
  graph: Graph,
  { whole, seen, corrupt }: Sides,
  group: SourceGroup,
  nodes: Nodes,
  rows: ScoredRows,
  { ablation, T, isOwnMean = false }: Omit<Baseline, 'corrupt'>,
): Value {
  const own = written(seen, group, nodes).pre;
  const width = own.shape[1]!;
  const label = `${group.at}${group.layer}.delta`;
  // Sides of two lengths stand row against row only once their rows are gathered.
  const gathered = (): Value => {
    const a = rows.gathered(own);
    if (corrupt) {
      const b = rows.gathered(written(corrupt, group, nodes).pre, 'corrupt');
      return graph.call(sub, { a, b }, { label }).y!;
    }
    if (!isMean(ablation)) return a;
    const mean = meanOf(graph, written(whole, group, nodes).pre, group, { ablation, T, isOwnMean });
    if (ablation === 'mean') return graph.call(subRow, { x: a, row: mean }, { label }).y!;
    return graph.call(sub, { a, b: rows.gathered(graph.view(mean, [T, width]), 'at') }, { label }).y!;
  };
  const delta = rows.areListed ? gathered() : deltaOf(graph, own, group, nodes, { ablation, corrupt, T, isOwnMean });
  return graph.view(rows.pool(delta, 1, width), [rows.length, width]);
}

/** What each node of the group writes, [count, rows, D], of units [rows, U] and the weights W that they write with. */
export function outputsOf(
  graph: Graph,
  units: Value,
  W: Value | undefined,
  { at, layer, count: G }: SourceGroup,
  [N, D]: readonly [number, number],
): Value {
  if (!W) return units;
  const options = { dims: { N, G, E: W.shape[0]! / G, D }, label: `${at}${layer}.outputs` };
  return graph.call(groupedNN, { x: units, w: W }, options).y!;
}

/** State that keeps a source group's delta at so many scored rows. */
export const deltaName = (prefix: string, length: number, { at, layer }: SourceGroup): string =>
  `${prefix} delta of ${length}.${at}${layer}`;

/**
 * Both sides once: adds the delta of every source to its state (which was cleared), and reads the metric of the clean side.
 * Scores at points between the sides then take the deltas from there.
 */
export function deltaGraph(
  nodes: Nodes,
  architecture: Architecture,
  shape: ScoreShape,
  { ablation, prefix, isOwnMean = false }: { ablation: Ablation; prefix: string; isOwnMean?: boolean },
): ReadoutGraph {
  const graph = new Graph();
  const { chunks, B, T } = architecture;
  const rows = new ScoredRows(graph, architecture, shape);
  const corrupt = ablation === 'patching' ? sideOf(graph, architecture, 'corrupt') : undefined;
  const { x, ...clean } = cleanSide(graph, architecture, undefined);
  for (const group of nodes.sourceGroups) {
    const delta = scoredDelta(graph, { ...clean, corrupt }, group, nodes, rows, { ablation, T, isOwnMean });
    const total = graph.state(deltaName(prefix, rows.length, group), delta.shape);
    graph.call(accumulate, { total, x: delta }, { label: `${group.at}${group.layer}.kept` });
  }
  const objective = objectiveInputs(graph, { N: B * T, M: shape.M, P: shape.P });
  return { graph, fetch: readout(graph, x, objective, unembedParams(graph, architecture), chunks) };
}
