/**
 * Edge attribution patching as a graph: forward on the corrupted and the clean side, backward from the metric, then for
 * each edge s → r
 *
 *   score(s, r) = Σ_positions (clean_s − ablated_s) · d metric / d input_r
 *
 * Sources: Nanda 2023 (attribution patching); Syed et al. 2023, https://arxiv.org/abs/2310.10348 (EAP).
 * Nothing is copied per head in the forward pass: the gradient at each head's input is made afterwards from the gradient of
 * its projection, a layer at a time, multiplied with the deltas and dropped.
 */
import { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { grad } from '../graph/grad.js';
import { PlainStream, type ReadDone } from '../model/stream.js';
import { tokenInputs, transformer, unembedParams, type Architecture } from '../model/transformer.js';
import { readout } from '../model/vocabulary.js';
import {
  accumulate,
  edgeScore,
  gatherRows,
  groupedNN,
  matmulTN,
  poolRows,
  readGrad,
  sub,
  subRow,
} from '../ops/index.js';
import { objectiveInputs } from '../task/feed.js';
import type { Nodes, ReadGroup, SourceGroup } from './nodes.js';

export type Ablation = 'patching' | 'mean' | 'zero';

export interface ScoreShape {
  /** Objective: M rows, P ids. */
  readonly M: number;
  readonly P: number;
  /** Scored positions, when not all: rows `score.clean` (and `score.corrupt`), [R]. */
  readonly rows?: number;
  /** Mean over an example's rows before the product (METHOD of the paper's code) instead of a sum after it: examples. */
  readonly pooled?: number;
}

/** State that holds the scores of one read group, [S, count]. */
export const totalName = (prefix: string, { at, layer }: ReadGroup): string => `${prefix}.${at}${layer}`;

/** State that holds the mean output of a source group. */
export const meanName = ({ at, layer }: SourceGroup): string => `mean.${at}${layer}`;

export interface ScoreGraph {
  graph: Graph;
  fetch: { picked: Value; lse: Value };
}

export function scoreGraph(
  nodes: Nodes,
  architecture: Architecture,
  { M, P, rows, pooled }: ScoreShape,
  { ablation, prefix }: { ablation: Ablation; prefix: string },
): ScoreGraph {
  const graph = new Graph();
  const { config, chunks, B, T } = architecture;
  const N = B * T;
  const { D } = config;
  const side = (name: string): PlainStream => {
    const stream = new PlainStream(graph);
    graph.within(name, () => transformer(graph, architecture, tokenInputs(graph, `${name}.`, architecture), stream));
    return stream;
  };
  const count = rows ?? N;
  const gathered = (x: Value, which: 'clean' | 'corrupt'): Value => {
    if (rows === undefined) return x;
    const list = graph.input(`score.${which}`, [rows], 'u32');
    // The starts serve the gradient of a gather, which is not taken here.
    const starts = graph.input(`score.${which}.starts`, [N + 1], 'u32');
    const width = x.shape.slice(1).reduce((n, size) => n * size, 1);
    return graph.call(gatherRows, { x, rows: list, starts }, { dims: { N, D: width }, label: `${x.name}.rows` }).y!;
  };
  const pool = (x: Value, groups: number, width: number): Value => {
    if (pooled === undefined) return x;
    const weight = graph.input('score.pool', [count]);
    const starts = graph.input('score.pool.starts', [pooled + 1], 'u32');
    const dims = { S: groups, M: count, D: width, B: pooled };
    return graph.call(poolRows, { x, weight, starts }, { dims, label: `${x.name}.pool` }).y!;
  };

  const corrupt = ablation === 'patching' ? side('corrupt') : undefined;
  const clean = new PlainStream(graph);
  const x = graph.within('clean', () =>
    transformer(graph, architecture, tokenInputs(graph, 'clean.', architecture), clean),
  );
  const before = nodes.sourceGroups.map((group) => {
    const own = gathered(written(clean, group, nodes).pre, 'clean');
    const width = own.shape[1]!;
    const label = `${group.at}${group.layer}.delta`;
    if (corrupt) {
      const other = gathered(written(corrupt, group, nodes).pre, 'corrupt');
      return pool(graph.call(sub, { a: own, b: other }, { label }).y!, 1, width);
    }
    if (ablation === 'zero') return pool(own, 1, width);
    const row = graph.state(meanName(group), [width]);
    return pool(graph.call(subRow, { x: own, row }, { label, dims: { N: count, D: width } }).y!, 1, width);
  });

  const objective = objectiveInputs(graph, { N, M, P });
  const { picked, lse } = readout(graph, x, objective, unembedParams(graph, config, chunks), chunks);
  const seeds = new Map([
    [picked, objective.seedPicked],
    [lse, objective.seedLse],
  ]);
  const sites = nodes.readGroups
    .filter(({ reach }) => reach > 0)
    .map((group) => ({ group, site: siteOf(clean, group) }));
  const cotangents = grad(graph, { seeds, wrt: sites.map(({ site }) => site.value) });

  const length = pooled ?? count;
  const weight = graph.input('score.weight', [length]);
  const deltas: Value[] = [];
  const delta = (i: number): Value => {
    const group = nodes.sourceGroups[i]!;
    const { W } = written(clean, group, nodes);
    return (deltas[i] ??= W
      ? graph.call(
          groupedNN,
          { x: before[i]!, w: W },
          {
            dims: { N: length, G: group.count, E: before[i]!.shape.at(-1)! / group.count, D },
            label: `${group.at}${group.layer}.outputs`,
          },
        ).y!
      : before[i]!);
  };
  for (const { group, site } of sites) {
    const arriving = cotangents.get(site.value);
    if (!arriving) continue;
    const g = pool(readGradient(graph, group, site, gathered(arriving, 'clean'), gathered, count, D), group.count, D);
    let total = graph.state(totalName(prefix, group), [nodes.sources.length, group.count]);
    nodes.sourceGroups.forEach(({ first, count: S }, i) => {
      if (first >= group.reach) return;
      total = graph.call(
        edgeScore,
        { delta: delta(i), grad: g, weight, total },
        {
          dims: { S, R: group.count, M: length, D, I: nodes.sources.length },
          attrs: { s0: first },
          label: `score.${group.at}${group.layer}`,
        },
      ).sum!;
    });
  }
  return { graph, fetch: { picked, lse } };
}

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

interface Site {
  /** The value whose cotangent leads to the gradient at the site. */
  value: Value;
  /** Where readers of one projection have inputs of their own: the read and the projection's weight. */
  own?: { read: ReadDone; W: Value };
}

function siteOf(stream: PlainStream, { at, layer }: ReadGroup): Site {
  if (at === 'logits') return { value: stream.final };
  const read = stream.reads[2 * layer + (at === 'q' || at === 'k' || at === 'v' ? 0 : 1)]!;
  if (at === 'mlp') return { value: read.x };
  const which = read.projections.findIndex(({ name }) => name === at);
  return { value: read.outputs[which]!, own: { read, W: read.projections[which]!.W } };
}

/** d metric / d input of every reader of the group, before its norm: [count, rows, D]. */
function readGradient(
  graph: Graph,
  { at, layer, count: G }: ReadGroup,
  { own }: Site,
  arriving: Value,
  gathered: (x: Value, which: 'clean') => Value,
  N: number,
  D: number,
): Value {
  if (!own) return arriving;
  const { read, W } = own;
  const label = `${at}${layer}.read`;
  const E = W.shape[0]! / G;
  const dY = graph.call(groupedNN, { x: arriving, w: W }, { dims: { N, G, E, D }, label: `${label}.back` }).y!;
  const { x, norm, stats } = read;
  return graph.call(
    readGrad,
    {
      x: gathered(x, 'clean'),
      mean: stats.mean && gathered(stats.mean, 'clean'),
      rstd: gathered(stats.rstd, 'clean'),
      gain: norm.gain,
      dY,
    },
    { dims: { G, N, D }, label },
  ).g!;
}

/** Adds each source's mean output, weighted by the input `mean.weight` [N], to its state: the baseline of mean ablation. */
export function meansGraph(nodes: Nodes, architecture: Architecture): Graph {
  const graph = new Graph();
  const stream = new PlainStream(graph);
  graph.within('clean', () => transformer(graph, architecture, tokenInputs(graph, 'clean.', architecture), stream));
  const N = architecture.B * architecture.T;
  const a = graph.input('mean.weight', [N, 1]);
  for (const group of nodes.sourceGroups) {
    const { pre } = written(stream, group, nodes);
    const label = meanName(group);
    const x = graph.call(matmulTN, { a, b: pre }, { label }).y!;
    const total = graph.state(label, [pre.shape[1]!]);
    graph.call(accumulate, { total, x }, { label: `${label}.sum` });
  }
  return graph;
}
