/**
 * Edge attribution patching as a graph: forward on the corrupted and the clean side, backward from the metric, then for
 * each edge s → r
 *
 *   score(s, r) = Σ_positions (clean_s − ablated_s) · d metric / d input_r
 *
 * with the gradient taken on the clean side, at all rows or at those of tails (tail.ts), or at a point on the way of one
 * source to its ablation.
 *
 * Sources: Nanda 2023 (attribution patching); Syed et al. 2023, https://arxiv.org/abs/2310.10348 (EAP).
 * Nothing is copied per head in the forward pass: the gradients at the inputs of a layer's heads are made afterwards from
 * those of its projections, multiplied at once with the deltas of all sources before, and dropped.
 */
import { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { grad } from '../graph/grad.js';
import { PlainStream, type Made, type ReadDone } from '../model/stream.js';
import type { ReadoutGraph } from '../model/readoutGraph.js';
import { unembedParams, type Architecture } from '../model/transformer.js';
import { readout } from '../model/vocabulary.js';
import { edgeMix, edgeScore, groupedNN, hold, readGrad, spread } from '../ops/index.js';
import { objectiveInputs } from '../task/feed.js';
import { deltaOf, written, type Ablation, type Baseline } from './ablation.js';
import { deltaName, outputsOf, scoredDelta, sideOf } from './deltas.js';
import type { Nodes, SourceGroup } from '../circuit/nodes.js';
import { readSites, totalName, type ReadSite } from './readSites.js';
import { ScoredRows, type ScoreShape } from './scoredRows.js';
import { partsOf, rowsOf, stacked, type Part, type Room } from './sourceBlocks.js';
import { cleanSide } from './tail.js';

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
  /** Means that ablate are those of the batch, taken on the way. */
  readonly isOwnMean?: boolean;
  /** Memory that scoring may take; see sourceBlocks. */
  readonly room?: Room;
}

export function scoreGraph(
  nodes: Nodes,
  architecture: Architecture,
  shape: ScoreShape,
  { ablation, prefix, moved, isOwnMean = false, room = {} }: ScoreOptions,
): ReadoutGraph {
  const graph = new Graph();
  const { config, chunks, B, T } = architecture;
  const { D } = config;
  const rows = new ScoredRows(graph, architecture, shape);
  const corrupt = ablation === 'patching' ? sideOf(graph, architecture, 'corrupt') : undefined;
  const exchange = moved && moving(graph, nodes, moved.source, { ablation, corrupt, T });
  const { whole, seen, x } = cleanSide(graph, architecture, shape.tail, new PlainStream(graph, exchange));
  const scored = moved?.scored ?? nodes.sourceGroups;
  const { length } = rows;
  const before = scored.map((group) => {
    if (!moved) return scoredDelta(graph, { whole, seen, corrupt }, group, nodes, rows, { ablation, T, isOwnMean });
    return graph.state(deltaName(prefix, length, group), [length, written(seen, group, nodes).pre.shape[1]!]);
  });

  const objective = objectiveInputs(graph, { N: B * (shape.tail ?? T), M: shape.M, P: shape.P });
  const { picked, lse } = readout(graph, x, objective, unembedParams(graph, architecture), chunks);
  const seeds = new Map([
    [picked, objective.seedPicked],
    [lse, objective.seedLse],
  ]);
  const sites = readSites(nodes).filter(({ reach }) => reach > scored[0]!.first);
  const arrivals = sites.map((site) => arrivalsOf(seen, site));
  const cotangents = grad(graph, { seeds, wrt: arrivals.flat().map(({ value }) => value) });

  const weight = graph.input('score.weight', [length]);
  const { count: G, step } = shape.groups ?? { count: 1, step: length };
  const starts = graph.input('score.groups', [G + 1], 'u32');
  const reach = Math.max(...sites.map((site) => site.reach));
  const read = scored.flatMap((group, i) => (group.first < reach ? [{ group, units: before[i]! }] : []));
  const totals = new Map<ReadSite, Value>();
  // What is pooled is few rows, and gradients are pooled whole.
  for (const part of shape.pooled ? [{ n0: 0, M: length }] : partsOf(length, nodes, room)) {
    const units = new Map(read.map(({ group, units }) => [group, rowsOf(graph, units, part)]));
    const outputs = (group: SourceGroup): Value =>
      outputsOf(graph, units.get(group)!, written(seen, group, nodes).W, group, [part.M, D]);
    const groups = read.map(({ group }) => group);
    const blocks = stacked(graph, groups, outputs, { M: part.M, D, binding: room.binding });
    const weights = rowsOf(graph, weight, part);
    sites.forEach((site, i) => {
      const arriving = arrivals[i]!.map((it) => ({ ...it, cotangent: cotangents.get(it.value) }));
      const g = siteGradient(graph, site, arriving, rows, part, D);
      if (!g) return;
      let total = totals.get(site) ?? graph.state(totalName(prefix, site), [G, nodes.sources.length, site.count]);
      for (const { first, count: S, deltas } of blocks) {
        if (first >= site.reach) break;
        total = graph.call(
          edgeScore,
          { delta: deltas, grad: g, weight: weights, starts, total },
          {
            dims: { S, R: site.count, M: part.M, D, I: nodes.sources.length, G, J: G + 1 },
            attrs: { s0: first, seen: site.reach - first, m0: part.n0, step },
            label: `score.${site.groups[0]!.at}${site.layer}`,
          },
        ).sum!;
      }
      totals.set(site, total);
    });
  }
  return { graph, fetch: { picked, lse } };
}

/** Takes the input AWAY of its delta from what the source has made. That is then a point: no gradient goes back through it. */
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
    return graph.call(hold, { x: graph.view(y!, [N, D]) }, { label: `${label}.held` }).y!;
  };
}

interface Arrival {
  /** The value whose cotangent leads to the gradient at the group's reads. */
  readonly value: Value;
  /** Where readers of one projection have inputs of their own: the read and the projection's weight. */
  readonly own?: { readonly read: ReadDone; readonly W: Value };
}

/** One for each group of the site. */
function arrivalsOf(stream: PlainStream, { layer, groups }: ReadSite): Arrival[] {
  return groups.map(({ at }) => {
    if (at === 'logits') return { value: stream.final };
    const read = stream.reads[2 * layer + (at === 'q' || at === 'k' || at === 'v' ? 0 : 1)]!;
    if (at === 'mlp') return { value: read.x };
    const which = read.projections.findIndex(({ name }) => name === at);
    return { value: read.outputs[which]!, own: { read, W: read.projections[which]!.W } };
  });
}

/** d metric / d input of every reader of the site, before its norm, [rows, count, D]; nothing where no metric depends on it. */
function siteGradient(
  graph: Graph,
  { groups, layer, first, count: R }: ReadSite,
  arriving: readonly (Arrival & { readonly cotangent: Value | undefined })[],
  rows: ScoredRows,
  part: Part,
  D: number,
): Value | undefined {
  if (arriving.every(({ cotangent }) => !cotangent)) return undefined;
  const taken = (x: Value): Value => rowsOf(graph, rows.gathered(x), rows.isPooled ? { n0: 0, M: rows.count } : part);
  const N = rows.isPooled ? rows.count : part.M;
  const pooled = (g: Value): Value => graph.view(rows.pool(graph.view(g, [1, N, R * D]), 1, R * D), [part.M, R, D]);
  const [only] = arriving;
  if (!only!.own) return pooled(taken(only!.cotangent!));
  const { read } = only!.own;
  const { x, norm, stats } = read;
  const ins = {
    x: taken(x),
    mean: stats.mean && taken(stats.mean),
    rstd: taken(stats.rstd),
    gain: norm.gain,
  };
  let g = graph.blank(`reads of ${layer}.${groups[0]!.at}`, [N, R, D]);
  groups.forEach(({ at, first: r, count: G }, i) => {
    const { cotangent, own } = arriving[i]!;
    const label = `${at}${layer}.read`;
    const E = own!.W.shape[0]! / G;
    const back = { dims: { N, G, E, D }, label: `${label}.back` };
    const dY = graph.call(groupedNN, { x: taken(cotangent!), w: own!.W }, back).y!;
    const options = { dims: { G, N, R, D }, attrs: { r0: r - first }, label };
    g = graph.call(readGrad, { into: g, ...ins, dY }, options).g!;
  });
  return pooled(g);
}
