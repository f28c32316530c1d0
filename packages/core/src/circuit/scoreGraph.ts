/**
 * Edge attribution patching as a graph: forward on the corrupted and the clean side, backward from the metric, then for
 * each edge s → r
 *
 *   score(s, r) = Σ_positions (clean_s − ablated_s) · d metric / d input_r
 *
 * with the gradient taken on the clean side, or at a point on the way of one source to its ablation.
 *
 * Sources: Nanda 2023 (attribution patching); Syed et al. 2023, https://arxiv.org/abs/2310.10348 (EAP).
 * Nothing is copied per head in the forward pass: the gradient at each head's input is made afterwards from the gradient of
 * its projection, a layer at a time, multiplied with the deltas and dropped.
 */
import { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { grad } from '../graph/grad.js';
import { PlainStream, type Made, type ReadDone } from '../model/stream.js';
import { tokenInputs, transformer, unembedParams, type Architecture } from '../model/transformer.js';
import { readout } from '../model/vocabulary.js';
import { edgeMix, edgeScore, groupedNN, readGrad, spread } from '../ops/index.js';
import { objectiveInputs } from '../task/feed.js';
import { deltaOf, written, type Ablation, type Baseline } from './ablation.js';
import { deltaName, outputsOf, scoredDelta, sideOf } from './deltas.js';
import type { Nodes, ReadGroup, SourceGroup } from './nodes.js';
import { ScoredRows, type ScoreShape } from './scoredRows.js';

/** State that holds the scores of one read group, [S, count]. */
export const totalName = (prefix: string, { at, layer }: ReadGroup): string => `${prefix}.${at}${layer}`;

export interface ScoreGraph {
  graph: Graph;
  fetch: { picked: Value; lse: Value };
}

/** Gradients are taken where a source is on its way from clean to ablated; deltas are those that `deltaGraph` kept. */
export interface Moved {
  readonly source: SourceGroup;
  /** The sources whose edges are scored there. */
  readonly scored: readonly SourceGroup[];
}

/** Input [1, 1]: how far the moved source is from clean, 0, to ablated, 1. */
export const AWAY = 'score.away';

/** What every graph calls the embeddings, whether they are a node of it or not. */
export const INPUT: SourceGroup = { at: 'input', layer: -1, first: 0, count: 1 };

export interface ScoreOptions {
  readonly ablation: Ablation;
  readonly prefix: string;
  /** Unless given, gradients are taken on the clean side. */
  readonly moved?: Moved;
}

export function scoreGraph(
  nodes: Nodes,
  architecture: Architecture,
  shape: ScoreShape,
  { ablation, prefix, moved }: ScoreOptions,
): ScoreGraph {
  const graph = new Graph();
  const { config, chunks, B, T } = architecture;
  const { D } = config;
  const rows = new ScoredRows(graph, B * T, shape);
  const corrupt = ablation === 'patching' ? sideOf(graph, architecture, 'corrupt') : undefined;
  const clean = new PlainStream(graph, moved && moving(graph, nodes, moved.source, { ablation, corrupt, T }));
  const x = graph.within('clean', () =>
    transformer(graph, architecture, tokenInputs(graph, 'clean.', architecture), clean),
  );
  const scored = moved?.scored ?? nodes.sourceGroups;
  const { length } = rows;
  const before = scored.map((group) => {
    if (!moved) return scoredDelta(graph, { clean, corrupt }, group, nodes, rows, { ablation, T });
    return graph.state(deltaName(prefix, length, group), [length, written(clean, group, nodes).pre.shape[1]!]);
  });

  const objective = objectiveInputs(graph, { N: B * T, M: shape.M, P: shape.P });
  const { picked, lse } = readout(graph, x, objective, unembedParams(graph, config, chunks), chunks);
  const seeds = new Map([
    [picked, objective.seedPicked],
    [lse, objective.seedLse],
  ]);
  const first = Math.min(...scored.map((group) => group.first));
  const sites = nodes.readGroups
    .filter(({ reach }) => reach > first)
    .map((group) => ({ group, site: siteOf(clean, group) }));
  const cotangents = grad(graph, { seeds, wrt: sites.map(({ site }) => site.value) });

  const weight = graph.input('score.weight', [length]);
  const deltas: Value[] = [];
  const delta = (i: number): Value => {
    const group = scored[i]!;
    return (deltas[i] ??= outputsOf(graph, before[i]!, written(clean, group, nodes).W, group, [length, D]));
  };
  for (const { group, site } of sites) {
    const arriving = cotangents.get(site.value);
    if (!arriving) continue;
    const g = rows.pool(readGradient(graph, group, site, arriving, rows, D), group.count, D);
    let total = graph.state(totalName(prefix, group), [nodes.sources.length, group.count]);
    scored.forEach(({ first, count: S }, i) => {
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

/** Takes the input AWAY of its delta from what the source has made. */
function moving(
  graph: Graph,
  nodes: Nodes,
  source: SourceGroup,
  baseline: Baseline,
): (value: Value, made: Made) => Value {
  const isWhole = source.at === 'input' || (source.at === 'mlp' && nodes.mlpGroups === 1);
  return (value, { at, layer, of }) => {
    if (at !== source.at || layer !== source.layer || (of === 'output') !== isWhole) return value;
    const delta = deltaOf(graph, value, source, nodes, baseline);
    const [N, D] = value.shape as [number, number];
    const label = `${at}.moved`;
    // edgeMix works in place, and the value as it was made may be read elsewhere.
    const x = graph.call(spread, { x: value }, { dims: { R: 1, N, D }, label: `${label}.start` }).y!;
    const cut = graph.input(AWAY, [1, 1]);
    const { y } = graph.call(edgeMix, { x, delta, cut }, { dims: { R: 1, N, D, S: 1, I: 1 }, label });
    return graph.view(y!, [N, D]);
  };
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
  rows: ScoredRows,
  D: number,
): Value {
  const dy = rows.gathered(arriving);
  if (!own) return dy;
  const N = rows.count;
  const { read, W } = own;
  const label = `${at}${layer}.read`;
  const E = W.shape[0]! / G;
  const dY = graph.call(groupedNN, { x: dy, w: W }, { dims: { N, G, E, D }, label: `${label}.back` }).y!;
  const { x, norm, stats } = read;
  return graph.call(
    readGrad,
    {
      x: rows.gathered(x),
      mean: stats.mean && rows.gathered(stats.mean),
      rstd: rows.gathered(stats.rstd),
      gain: norm.gain,
      dY,
    },
    { dims: { G, N, D }, label },
  ).g!;
}
