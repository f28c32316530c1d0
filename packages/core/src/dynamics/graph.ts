/**
 * What the measures of this folder look at: the edges of a graph by index, and what a search said of them. A run that is
 * opened from files has this shape, whatever model it was made with; the model itself is not needed.
 */
import { nodeOfRead } from '../circuit/nodes.js';

/** Edge i goes from `nodes.sources[from[i]]` to `nodes.reads[to[i]]`. */
export interface EdgeGraph {
  readonly nodes: { readonly sources: readonly string[]; readonly reads: readonly string[] };
  readonly from: ArrayLike<number>;
  readonly to: ArrayLike<number>;
}

/** The signed score of each edge of the graph, and the edges of the circuit, indices ascending. */
export interface ScoredCircuit {
  readonly score: ArrayLike<number>;
  readonly inside: Uint32Array;
}

export interface Search extends ScoredCircuit {
  /** Steps done before it. */
  readonly step: number;
}

/** `a0.h1->a3.h5<q>` */
export const nameOfEdge = ({ nodes, from, to }: EdgeGraph, edge: number): string =>
  `${nodes.sources[from[edge]!]}->${nodes.reads[to[edge]!]}`;

/** Nodes of a graph, each once: `input`, `a0.h0`, `m0`, …, `logits`. */
export const nodeNames = ({ nodes }: Pick<EdgeGraph, 'nodes'>): string[] => [
  ...new Set([...nodes.sources, ...nodes.reads.map(nodeOfRead)]),
];

/** Of each set of edges the nodes they join, as indices into `nodeNames`, ascending. */
export function nodesTouched(graph: EdgeGraph): (edges: Uint32Array) => Uint32Array<ArrayBuffer> {
  const indexOf = new Map(nodeNames(graph).map((name, i) => [name, i]));
  const sources = graph.nodes.sources.map((name) => indexOf.get(name)!);
  const reads = graph.nodes.reads.map((name) => indexOf.get(nodeOfRead(name))!);
  return (edges) => {
    const touched = new Set<number>();
    for (const edge of edges) touched.add(sources[graph.from[edge]!]!).add(reads[graph.to[edge]!]!);
    return Uint32Array.from(touched).toSorted();
  };
}

/**
 * For each edge of `other` the same edge of `graph`, by names; undefined where the two do not have the same edges. Files of
 * other tools may list them in another order.
 */
export function edgesAmong(graph: EdgeGraph, other: EdgeGraph): Uint32Array<ArrayBuffer> | undefined {
  const { length } = graph.from;
  if (other.from.length !== length) return undefined;
  const indexOf = new Map(Array.from({ length }, (_, edge) => [nameOfEdge(graph, edge), edge]));
  const at = Array.from({ length }, (_, edge) => indexOf.get(nameOfEdge(other, edge)));
  return at.includes(undefined) ? undefined : Uint32Array.from(at as number[]);
}
