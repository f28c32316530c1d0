/**
 * The graph behind `readUpstream`: the model runs once as it is, and once as many copies side by side; in each copy one part
 * before the heads that are asked about is ablated. What such a part writes there is what it writes in the whole model, for
 * nothing before it has changed: so the delta that its copy takes from the stream is the clean run's own.
 */
import { attention, edgeMix } from '../ops/index.js';
import { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { PlainStream, type Made } from '../model/stream.js';
import { tokenInputs, transformer, type Architecture } from '../model/transformer.js';
import { deltaOf, written, type Ablation } from '../attribution/ablation.js';
import { outputsOf, sideOf } from '../attribution/deltas.js';
import type { Nodes } from '../circuit/nodes.js';
import { gathered, type Built } from './readingGraphs.js';

/** Input [copies, I]: 1 where the copy's source is ablated. */
export const ABLATED = 'upstream.ablated';

export interface UpstreamShape {
  readonly ablation: Ablation;
  readonly copies: number;
  /** Rows where answers are read, of one copy. */
  readonly answers: number;
  /** Layers of the heads that are asked about. */
  readonly layers: readonly number[];
  /** Whether patterns are fetched: where some example has a subject. */
  readonly looks: boolean;
}

/**
 * Inputs: the sides at B, `many.` tokens at copies · B, and of all copies the rows `answers` and `looks` (see `readHeads`).
 * Fetches for each of the layers `z3` [copies · A, H·E] and `pattern3` [copies · A · H, T].
 */
export function upstreamGraph(nodes: Nodes, architecture: Architecture, shape: UpstreamShape): Built {
  const { ablation, copies, answers, layers, looks } = shape;
  const graph = new Graph();
  const { B, T, config } = architecture;
  const { D, H, E } = config;
  const N = B * T;
  const corrupt = ablation === 'patching' ? sideOf(graph, architecture, 'corrupt') : undefined;
  const clean = sideOf(graph, architecture, 'clean');
  const I = nodes.sources.length;
  const cut = graph.input(ABLATED, [copies, I]);
  const exchange = (value: Value, { at, layer, of }: Made): Value => {
    if (of === 'units' || at === 'input') return value;
    const group = nodes.sourceGroups.find((it) => it.at === at && it.layer === layer)!;
    const { pre, W } = written(clean, group, nodes);
    const units = deltaOf(graph, pre, group, nodes, { ablation, corrupt, T });
    const ins = { x: graph.view(value, [copies, N, D]), delta: outputsOf(graph, units, W, group, [N, D]), cut };
    const dims = { R: copies, N, D, S: group.count, I };
    const { y } = graph.call(edgeMix, ins, { dims, attrs: { s0: group.first }, label: `${at}.ablated` });
    return graph.view(y!, [copies * N, D]);
  };
  const stream = new PlainStream(graph, exchange);
  const many = { ...architecture, B: copies * B };
  const before = graph.calls.length;
  graph.within('many', () => transformer(graph, many, tokenInputs(graph, 'many.', many), stream));
  const patterns = graph.calls
    .slice(before)
    .filter(({ op }) => op === attention)
    .map(({ outs }) => outs['pattern']!);
  const fetch: Record<string, Value> = {};
  const at = (name: string, value: Value, width: number, count: number): Value =>
    gathered(graph, name, graph.view(value, [value.shape.reduce((n, size) => n * size, 1) / width, width]), count);
  // what no fetched value depends on is not run: layers behind the last of these cost nothing
  for (const l of layers) {
    fetch[`z${l}`] = at('answers', stream.writes[2 * l]!.pre, H * E, copies * answers);
    if (looks) fetch[`pattern${l}`] = at('looks', patterns[l]!, T, copies * answers * H);
  }
  return { graph, fetch };
}
