/**
 * The forward pass that a search and the step after it share: on one batch, of the same parameters, it is the same work.
 * The search keeps in states of the session what a backward pass may read of it; the step finds it there.
 */
import { grad } from '../graph/grad.js';
import { Graph } from '../graph/graph.js';
import { elements, root, type Value } from '../graph/value.js';
import { PlainStream } from '../model/stream.js';
import { tokenInputs, transformer, type Architecture } from '../model/transformer.js';

/** Bytes that it may take unless told: GPT-2 small takes about 150 MiB at 256 positions. */
export const FORWARD_BYTES = 512 * 2 ** 20;

export class Forward {
  /** The names of its states begin with this. */
  readonly prefix: string;
  /** At the most: kernels of attention that keep no pattern are counted as if they did. */
  readonly bytes: number;
  readonly #names: ReadonlySet<string>;

  constructor(architecture: Architecture, prefix: string) {
    const values = [...activations(architecture)];
    this.prefix = prefix;
    this.bytes = values.reduce((sum, value) => sum + 4 * elements(value), 0);
    this.#names = new Set(values.map(({ name }) => name));
  }

  /** Every state that it may have. */
  get states(): string[] {
    return [...this.#names].map((name) => this.#state(name));
  }

  /** What another graph of the same model calls these values, on the side of that prefix, and the states that hold them. */
  in(graph: Graph, side = ''): ReadonlyMap<Value, string> {
    const held = new Map<Value, string>();
    for (const { outs } of graph.calls)
      for (const value of Object.values(outs)) {
        const { kind, storage, name } = value;
        if (kind !== 'temp' || storage || !name.startsWith(side)) continue;
        const own = name.slice(side.length);
        if (this.#names.has(own)) held.set(value, this.#state(own));
      }
    return held;
  }

  #state(name: string): string {
    return `${this.prefix} ${name}`;
  }
}

/** What the calls behind the transformer read of it where every parameter is tuned: fewer ask for a part of it. */
function activations(architecture: Architecture): ReadonlySet<Value> {
  const graph = new Graph();
  const x = transformer(graph, architecture, tokenInputs(graph, '', architecture), new PlainStream(graph));
  const made = new Set(graph.calls.flatMap(({ outs }) => Object.values(outs)).map(root));
  const behind = graph.calls.length;
  const wrt = graph.values.filter(({ kind, dtype }) => kind === 'param' && dtype === 'f32');
  grad(graph, { seeds: new Map([[x, graph.input('seed', x.shape)]]), wrt });
  const read = graph.calls.slice(behind).flatMap(({ ins }) => Object.values(ins).map(root));
  return new Set([x, ...read].filter((value) => made.has(value)));
}
