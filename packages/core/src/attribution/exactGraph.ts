/**
 * One edge patched at a time, several at once: the model runs as it is up to the reads of one group; there the stream is
 * copied, each copy's read gets another edge's source ablated, and all copies run on as the rows of one batch.
 * What lies before a read is clean in every copy, for the edge that is patched begins before and ends there.
 */
import { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { applyNorm, PlainStream, type Norm, type Read, type Stream, type Write } from '../model/stream.js';
import { tokenInputs, transformer, unembedParams, type Architecture } from '../model/transformer.js';
import { readout } from '../model/vocabulary.js';
import { edgeMix, groupedNT, matmulNT, spread } from '../ops/index.js';
import { objectiveInputs } from '../task/feed.js';
import { deltaOf, written, type Ablation } from './ablation.js';
import { outputsOf, sideOf } from './deltas.js';
import type { Nodes, ReadGroup } from '../circuit/nodes.js';
import type { ReadoutGraph } from '../model/readoutGraph.js';

/** Input [count · copies, I]: how much of each source is taken from each read of each copy. */
export const CUT = 'exact.cut';

export interface Copies {
  readonly group: ReadGroup;
  readonly copies: number;
}

/** Inputs: the sides at B, `many.` tokens and the objective at copies · B. */
export function exactGraph(
  nodes: Nodes,
  architecture: Architecture,
  { M, P }: { M: number; P: number },
  { ablation, group, copies }: Copies & { ablation: Ablation },
): ReadoutGraph {
  const graph = new Graph();
  const { config, chunks, B, T } = architecture;
  const { D } = config;
  const N = B * T;
  const corrupt = ablation === 'patching' ? sideOf(graph, architecture, 'corrupt') : undefined;
  const clean = sideOf(graph, architecture, 'clean');
  const patched = (x: Value): Value => {
    const R = group.count * copies;
    const I = nodes.sources.length;
    const cut = graph.input(CUT, [R, I]);
    let mixed = graph.call(spread, { x }, { dims: { R, N, D }, label: 'mix.start' }).y!;
    for (const source of nodes.sourceGroups.filter(({ first }) => first < group.reach)) {
      const { pre, W } = written(clean, source, nodes);
      const units = deltaOf(graph, pre, source, nodes, { ablation, corrupt, T });
      const delta = outputsOf(graph, units, W, source, [N, D]);
      const dims = { R, N, D, S: source.count, I };
      mixed = graph.call(edgeMix, { x: mixed, delta, cut }, { dims, attrs: { s0: source.first }, label: 'mix' }).y!;
    }
    return graph.view(mixed, [R * N, D]);
  };
  const many = { ...architecture, B: B * copies };
  const stream = new BranchedStream(graph, clean, { group, copies, patched });
  const x = graph.within('many', () => transformer(graph, many, tokenInputs(graph, 'many.', many), stream));
  const objective = objectiveInputs(graph, { N: N * copies, M: M * copies, P });
  return { graph, fetch: readout(graph, x, objective, unembedParams(graph, architecture), chunks) };
}

/** Runs on from the clean side's stream at the group's read. What it is given before is read by nobody, and never run. */
class BranchedStream implements Stream {
  readonly #graph: Graph;
  readonly #clean: PlainStream;
  readonly #at: Copies & { readonly patched: (x: Value) => Value };
  #stream: PlainStream;

  constructor(graph: Graph, clean: PlainStream, at: Copies & { readonly patched: (x: Value) => Value }) {
    this.#graph = graph;
    this.#clean = clean;
    this.#at = at;
    this.#stream = new PlainStream(graph);
  }

  start(x: Value): void {
    this.#stream.start(x);
  }

  read(read: Read): Value[] {
    const { group, copies, patched } = this.#at;
    const isAttention = group.at === 'q' || group.at === 'k' || group.at === 'v';
    if (group.at === 'logits' || read.layer !== group.layer || (read.at === 'attn') !== isAttention)
      return this.#stream.read(read);
    const { x, norm, outputs } = this.#clean.reads[2 * group.layer + (isAttention ? 0 : 1)]!;
    this.#stream = new PlainStream(this.#graph);
    this.#stream.start(this.#copied(x));
    const { y } = applyNorm(this.#graph, patched(x), norm, `${group.at}.norm`);
    return read.projections.map(({ name, W, bias }, i) => {
      const label = `${read.at}.${name}`;
      if (group.at === 'mlp') return this.#graph.call(matmulNT, { a: y, b: W, bias }, { label }).y!;
      if (name !== group.at) return this.#copied(outputs[i]!);
      const [U, D] = W.shape as [number, number];
      const N = copies * x.shape[0]!;
      const dims = { G: group.count, N, D, E: U / group.count };
      return this.#graph.view(this.#graph.call(groupedNT, { x: y, w: W, bias }, { dims, label }).y!, [N, U]);
    });
  }

  write(write: Write): void {
    this.#stream.write(write);
  }

  end(norm: Norm): Value {
    const { group, patched } = this.#at;
    if (group.at !== 'logits') return this.#stream.end(norm);
    return applyNorm(this.#graph, patched(this.#clean.final), norm, 'ln_final').y;
  }

  /** [N, U] → [copies · N, U] */
  #copied(x: Value): Value {
    const [N, D] = x.shape as [number, number];
    const R = this.#at.copies;
    const { y } = this.#graph.call(spread, { x }, { dims: { R, N, D }, label: 'copies' });
    return this.#graph.view(y!, [R * N, D]);
  }
}
