/**
 * Running a circuit: every reader gets the residual stream in which sources outside its circuit edges are replaced.
 *
 *   input_r = ablated stream + Σ_s kept[r, s] · (now_s − ablated_s)
 *
 * where now_s is what source s writes in this very run (edge-level patching; Wang et al. 2022, Conmy et al. 2023,
 * https://arxiv.org/abs/2304.14997). Here, and only here, readers have copies of the stream of their own.
 * Taking the edges that are cut from the stream would come to the same but for rounding, and zero ablation does not
 * forgive that: a reader that keeps nothing would get a difference of equals, and RMSNorm makes 1000 times as much of it.
 */
import { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { applyNorm, type Norm, type Read, type Stream, type Write } from '../model/stream.js';
import { tokenInputs, transformer, unembedParams, type Architecture } from '../model/transformer.js';
import { readout } from '../model/vocabulary.js';
import { add, edgeMix, groupedNT, matmulNN, matmulNT, spread, sub } from '../ops/index.js';
import { objectiveInputs } from '../task/feed.js';
import { deltaOf, type Ablation, type Baseline } from '../attribution/ablation.js';
import { outputsOf, sideOf } from '../attribution/deltas.js';
import type { Nodes, ReadGroup } from '../circuit/nodes.js';
import type { ReadoutGraph } from '../model/readoutGraph.js';

/** Input [count, S] of a read group: −1 where the edge is kept, since edgeMix takes away. */
export const keptName = ({ at, layer }: ReadGroup): string => `kept.${at}${layer}`;

export function patchGraph(
  nodes: Nodes,
  architecture: Architecture,
  { M, P }: { M: number; P: number },
  ablation: Ablation,
): ReadoutGraph {
  const graph = new Graph();
  const { chunks, B, T } = architecture;
  const corrupt = ablation === 'patching' ? sideOf(graph, architecture, 'corrupt') : undefined;
  const stream = new PatchedStream(graph, nodes, B * T, { ablation, corrupt, T });
  const x = graph.within('clean', () =>
    transformer(graph, architecture, tokenInputs(graph, 'clean.', architecture), stream),
  );
  const objective = objectiveInputs(graph, { N: B * T, M, P });
  const fetch = readout(graph, x, objective, unembedParams(graph, architecture), chunks);
  return { graph, fetch };
}

/** A stream in which each reader gets what its circuit edges bring, and all else ablated. */
export class PatchedStream implements Stream {
  readonly #graph: Graph;
  readonly #nodes: Nodes;
  readonly #N: number;
  readonly #D: number;
  readonly #baseline: Baseline;
  /** now − ablated of every source so far, one value for each source group. */
  readonly #deltas: { first: number; value: Value; count: number }[] = [];
  #now: Value | undefined;
  /** The stream with every source ablated; what no node writes, such as biases that heads share, is in it. */
  #ablated: Value | undefined;

  constructor(graph: Graph, nodes: Nodes, N: number, baseline: Baseline) {
    this.#graph = graph;
    this.#nodes = nodes;
    this.#N = N;
    this.#D = nodes.config.D;
    this.#baseline = baseline;
  }

  start(x: Value): void {
    this.#now = this.#ablated = x;
    if (this.#nodes.sourceGroups[0]?.at !== 'input') return;
    const delta = this.#keep(x, 'input', -1);
    this.#ablated = this.#baseline.corrupt?.input ?? this.#without(x, delta, 'input');
  }

  read({ layer, at, norm, projections }: Read): Value[] {
    const own = this.#nodes.readGroups.filter((group) => group.layer === layer);
    const whole = at === 'mlp' ? own.find((group) => group.at === 'mlp') : undefined;
    if (whole) {
      const x = this.#mixedWhole(whole);
      const { y } = applyNorm(this.#graph, x, norm, 'ln2');
      return projections.map(
        ({ name, W, bias }) => this.#graph.call(matmulNT, { a: y, b: W, bias }, { label: `mlp.${name}` }).y!,
      );
    }
    return projections.map(({ name, W, bias, groups: G }) => {
      const group = own.find((it) => it.at === name)!;
      const x = this.#mixed(group);
      const N = this.#N;
      const D = this.#D;
      const label = `${at}.${name}`;
      const { y } = applyNorm(this.#graph, this.#graph.view(x, [G * N, D]), norm, `${label}.norm`);
      const made = this.#graph.call(
        groupedNT,
        { x: y, w: W, bias },
        { dims: { G, N, D, E: W.shape[0]! / G }, label },
      ).y!;
      return this.#graph.view(made, [N, W.shape[0]!]);
    });
  }

  write({ layer, at, pre, W, bias }: Write): void {
    const out = this.#graph.call(matmulNN, { a: pre, b: W, bias }, { label: `${at}.out` }).y!;
    const isWhole = at === 'mlp' && this.#nodes.mlpGroups === 1;
    const delta = isWhole ? this.#keep(out, at, layer) : this.#keep(pre, at, layer, W);
    this.#now = this.#graph.call(add, { a: this.#now, b: out }, { label: `${at}.resid` }).y!;
    const ablated = (): Value => {
      if (isWhole) return this.#without(out, delta, at);
      const a = this.#without(pre, delta, at);
      return this.#graph.call(matmulNN, { a, b: W, bias }, { label: `${at}.ablated.out` }).y!;
    };
    const b = this.#baseline.corrupt?.writes[2 * layer + (at === 'attn' ? 0 : 1)]!.out ?? ablated();
    this.#ablated = this.#graph.call(add, { a: this.#ablated, b }, { label: `${at}.ablated.resid` }).y!;
  }

  end(norm: Norm): Value {
    const group = this.#nodes.readGroups.find(({ at }) => at === 'logits');
    const x = group ? this.#mixedWhole(group) : this.#now!;
    return applyNorm(this.#graph, x, norm, 'ln_final').y;
  }

  /** What is left of a source's output, or of its units, when it is ablated: exactly 0 for zero ablation. */
  #without(now: Value, delta: Value, at: string): Value {
    return this.#graph.call(sub, { a: now, b: delta }, { label: `${at}.ablated` }).y!;
  }

  /** Notes what the source adds to the stream of a reader that keeps it; returns now − ablated in the shape of `now`. */
  #keep(now: Value, at: 'input' | 'attn' | 'mlp', layer: number, W?: Value): Value {
    const group = this.#nodes.sourceGroups.find((it) => it.at === at && it.layer === layer)!;
    const delta = deltaOf(this.#graph, now, group, this.#nodes, this.#baseline);
    const value = outputsOf(this.#graph, delta, W, group, [this.#N, this.#D]);
    this.#deltas.push({ first: group.first, value, count: group.count });
    return delta;
  }

  /** The stream as a group of one reads it, [N, D]. */
  #mixedWhole(group: ReadGroup): Value {
    return this.#graph.view(this.#mixed(group), [this.#N, this.#D]);
  }

  /** The stream as each reader of the group gets it, [count, N, D]. */
  #mixed(group: ReadGroup): Value {
    const dims = { R: group.count, N: this.#N, D: this.#D };
    const label = `${group.at}.mix`;
    let x = this.#graph.call(spread, { x: this.#ablated }, { dims, label: `${label}.start` }).y!;
    const I = this.#nodes.sources.length;
    const cut = this.#graph.input(keptName(group), [group.count, I]);
    for (const { first, value, count } of this.#deltas)
      x = this.#graph.call(
        edgeMix,
        { x, delta: value, cut },
        { dims: { ...dims, S: count, I }, attrs: { s0: first }, label },
      ).y!;
    return x;
  }
}
