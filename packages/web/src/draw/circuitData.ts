/**
 * A circuit as it is drawn: nodes by name, edges in columns, so that thousands of them are typed arrays in a page that
 * scrubs through searches and short JSON in a report.
 */
import type { GraphJson } from '@circuit-tuning/core';

/** The nodes of one model's graph; every circuit of a run shares them. */
export interface CircuitNodes {
  readonly layers: number;
  readonly heads: number;
  /** K and V reads stand for a key/value head; fewer than `heads` under grouped-query attention. */
  readonly kvHeads: number;
  /** Names by source index: `input`, `a3.h5`, `m7`, `m7.b2`. */
  readonly sources: readonly string[];
  /** Names by read index: `a3.h5<q>`, `m7`, `m7.b2<gate>`, `logits`. */
  readonly reads: readonly string[];
}

/** Edge i goes from `sources[from[i]]` to `reads[to[i]]`. */
export interface CircuitEdges {
  readonly from: ArrayLike<number>;
  readonly to: ArrayLike<number>;
  /** Positive: the clean signal along this edge raises the metric. */
  readonly score: ArrayLike<number>;
  /** What a comparison says of each edge; unless given, all are kept. */
  readonly change?: ArrayLike<Change>;
}

export const KEPT = 0;
export const LEFT = 1;
export const ENTERED = 2;
export type Change = typeof KEPT | typeof LEFT | typeof ENTERED;

/** The edges of several circuits of one run, over the union of all they hold: any two can be compared edge by edge. */
export interface CircuitSet {
  readonly nodes: CircuitNodes;
  readonly from: ArrayLike<number>;
  readonly to: ArrayLike<number>;
  readonly circuits: readonly {
    readonly key: string;
    /** By edge of the union, as the file gives it; null where it gives none. */
    readonly score: ArrayLike<number | null>;
    /** Indices into the union, ascending: the edges in the circuit. */
    readonly inside: readonly number[] | Uint32Array;
    /** Edges of the whole graph, in the circuit or not. */
    readonly of: number;
  }[];
}

/** Indices of the circuits of a set that are compared; `b` is absent where there is only one. */
export interface Compared {
  readonly a: number;
  readonly b: number | undefined;
}

/** `a3.h5<q>` reads into node `a3.h5`. */
export const nodeOfRead = (read: string): string => read.replace(/<.*>$/, '');

/** K and V of key/value head 1 are read for several query heads: `a3.h1<k>` under heads 2 and 3, if two share one. */
export function readersOf({ heads, kvHeads }: Pick<CircuitNodes, 'heads' | 'kvHeads'>, read: string): string[] {
  const [, layer, head] = /^a(\d+)\.h(\d+)<[kv]>$/.exec(read) ?? [];
  const share = heads / kvHeads;
  if (head === undefined || !(share > 1)) return [nodeOfRead(read)];
  return Array.from({ length: share }, (_, i) => `a${layer}.h${Number(head) * share + i}`);
}

/** `a3.h5->m7` in its two ends. */
export function endsOfEdge(name: string): [from: string, to: string] {
  const at = name.indexOf('->');
  return [name.slice(0, at), name.slice(at + 2)];
}

/** The edges of one circuit of a set, the strongest first; with `top`, at most so many. */
export function edgesOfCircuit({ from, to, circuits }: CircuitSet, circuit: number, top = Infinity): CircuitEdges {
  const { inside, score } = circuits[circuit]!;
  const size = (i: number): number => Math.abs(score[i] ?? 0);
  const kept = [...inside].sort((a, b) => size(b) - size(a) || a - b).slice(0, top);
  return { from: kept.map((i) => from[i]!), to: kept.map((i) => to[i]!), score: kept.map((i) => score[i] ?? 0) };
}

/** Puts circuits of one model side by side. All graphs must have the nodes of one model: their names are merged as they come. */
export function circuitSet(graphs: readonly { readonly key: string; readonly graph: GraphJson }[]): CircuitSet {
  const sources = new Map<string, number>();
  const reads = new Map<string, number>();
  const indexIn = (names: Map<string, number>, name: string): number => {
    if (!names.has(name)) names.set(name, names.size);
    return names.get(name)!;
  };
  for (const { graph } of graphs)
    for (const name of Object.keys(graph.edges)) {
      const [from, to] = endsOfEdge(name);
      indexIn(sources, from);
      indexIn(reads, to);
    }
  const union = new Map<string, number>();
  for (const { graph } of graphs)
    for (const [name, { in_graph: isInside }] of Object.entries(graph.edges)) if (isInside) indexIn(union, name);
  const ends = [...union.keys()].map(endsOfEdge);
  const cfg = graphs[0]?.graph.cfg;
  return {
    nodes: {
      layers: cfg?.n_layers ?? 0,
      heads: cfg?.n_heads ?? 0,
      kvHeads: cfg?.n_key_value_heads ?? cfg?.n_heads ?? 0,
      sources: [...sources.keys()],
      reads: [...reads.keys()],
    },
    from: ends.map(([name]) => sources.get(name)!),
    to: ends.map(([, name]) => reads.get(name)!),
    circuits: graphs.map(({ key, graph }) => {
      const names = [...union.keys()];
      return {
        key,
        score: names.map((name) => graph.edges[name]?.score ?? null),
        inside: names.flatMap((name, i) => (graph.edges[name]?.in_graph ? [i] : [])),
        of: Object.keys(graph.edges).length,
      };
    }),
  };
}

/** Circuit `a` as it is drawn beside circuit `b`: its own edges, marked by whether the other has them too. */
export function compared(
  set: CircuitSet,
  a: number,
  b: number | undefined,
  other: typeof LEFT | typeof ENTERED,
): CircuitEdges {
  const { inside, score } = set.circuits[a]!;
  const there = new Set(b === undefined ? inside : set.circuits[b]!.inside);
  return {
    from: Array.from(inside, (i) => set.from[i]!),
    to: Array.from(inside, (i) => set.to[i]!),
    score: Array.from(inside, (i) => score[i] ?? 0),
    change: Array.from(inside, (i) => (there.has(i) ? KEPT : other)),
  };
}
