/** Edges of a run's graph by name, by strength, and around a node. */
import { nodeOfRead, readersOf } from '../draw/circuitData.js';
import { layerOf } from '../draw/group.js';
import type { Found, RunGraph } from './record.js';

/**
 * Edges by the names of their two ends: one, or none, or all between two layers, where the names are those of layers
 * (`a3->m4`, `a0->a1<q>`), ascending.
 */
export function edgesNamed({ nodes, from, to }: RunGraph, source: string, read: string): number[] {
  const named = (names: readonly string[], name: string): Set<number> =>
    new Set(names.flatMap((it, i) => (isOrHolds(name, it) ? [i] : [])));
  const [sources, reads] = [named(nodes.sources, source), named(nodes.reads, read)];
  return [...from.keys()].filter((i) => sources.has(from[i]!) && reads.has(to[i]!));
}

/** Whether a name is that of a part, or of the layer that holds it. */
const isOrHolds = (name: string, part: string): boolean => part === name || layerOf(part) === name;

/** Edges are kept in ascending order. */
export function isInside({ inside }: Found, edge: number): boolean {
  let [low, high] = [0, inside.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (inside[middle]! < edge) low = middle + 1;
    else high = middle;
  }
  return inside[low] === edge;
}

/** Edges by which a node reads and writes, the strongest first: those in the circuit, and those that are not. */
export interface Around {
  readonly into: Ends;
  readonly out: Ends;
}
export interface Ends {
  readonly inside: readonly number[];
  readonly outside: readonly number[];
}

export function around(graph: RunGraph, found: Found, node: string): Around {
  const sources = sourcesOf(graph, node);
  const reads = readsOf(graph, node);
  const ends = (isIt: (edge: number) => boolean): Ends => {
    const edges = strongestFirst(found, [...graph.from.keys()].filter(isIt));
    const kept = new Set(found.inside);
    return { inside: edges.filter((i) => kept.has(i)), outside: edges.filter((i) => !kept.has(i)) };
  };
  return { into: ends((i) => reads.has(graph.to[i]!)), out: ends((i) => sources.has(graph.from[i]!)) };
}

export function strongestFirst({ score }: Found, edges: ArrayLike<number>): number[] {
  const size = (i: number): number => Math.abs(score[i]!);
  return Array.from(edges).sort((a, b) => size(b) - size(a) || a - b);
}

/** 1 for the edge of the greatest size among all of the graph. */
export function rankOf({ score }: Found, edge: number): number {
  const size = Math.abs(score[edge]!);
  return 1 + score.reduce((stronger, it) => stronger + (Math.abs(it) > size ? 1 : 0), 0);
}

/** Indices of a node among the sources; of a layer those of its parts. */
const sourcesOf = ({ nodes }: RunGraph, node: string): Set<number> =>
  new Set(nodes.sources.flatMap((name, i) => (isOrHolds(node, name) ? [i] : [])));

/** Reads of a node, by index; a key/value head is read for several heads. */
const readsOf = ({ nodes }: RunGraph, node: string): Set<number> =>
  new Set(
    nodes.reads.flatMap((read, i) =>
      isOrHolds(node, nodeOfRead(read)) || readersOf(nodes, read).includes(node) ? [i] : [],
    ),
  );

/** Whether an edge leaves or enters a node. */
export function touching(graph: RunGraph, node: string): (edge: number) => boolean {
  const sources = sourcesOf(graph, node);
  const reads = readsOf(graph, node);
  return (edge) => sources.has(graph.from[edge]!) || reads.has(graph.to[edge]!);
}
