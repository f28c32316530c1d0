/**
 * A circuit as it is drawn: nodes by name, edges in columns, so that thousands of them are typed arrays in a page that
 * scrubs through searches and short JSON in a report.
 */
import type { GraphJson } from '@circuit-tuning/core';
import { changesBetween, KEPT, LEFT, type Change, type ENTERED } from './compare.js';

export { ENTERED, GREW, GROWTH, KEPT, LEFT, SHRANK, type Change } from './compare.js';

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
export interface EdgeList {
  readonly from: ArrayLike<number>;
  readonly to: ArrayLike<number>;
  /** Positive: the clean signal along this edge raises the metric. */
  readonly score: ArrayLike<number>;
}

export interface CircuitEdges extends EdgeList {
  /** What a comparison says of each edge; unless given, all are kept. */
  readonly change?: ArrayLike<Change>;
  /** What was compared, whole: where edges are summed, their sums are compared anew. */
  readonly comparison?: Comparison;
}

export interface Comparison {
  readonly own: EdgeList;
  readonly other: EdgeList;
  readonly isOtherLater: boolean;
  /** Whether the edges that only the other has are among the drawn. */
  readonly isUnion: boolean;
}

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

/** The edges of one circuit of a set, as they stand there. */
function listOf(set: CircuitSet, circuit: number): { key: ArrayLike<number>; list: EdgeList } {
  const { inside, score } = set.circuits[circuit]!;
  const list = {
    from: new Uint32Array(inside.length),
    to: new Uint32Array(inside.length),
    score: new Float64Array(inside.length),
  };
  for (let n = 0; n < inside.length; n++) {
    const i = inside[n]!;
    list.from[n] = set.from[i]!;
    list.to[n] = set.to[i]!;
    list.score[n] = score[i] ?? 0;
  }
  return { key: inside, list };
}

/** The edges of one circuit of a set, the strongest first; with `top`, at most so many. */
export function edgesOfCircuit(set: CircuitSet, circuit: number, top = Infinity): CircuitEdges {
  const { from, to, score } = listOf(set, circuit).list;
  // a circuit's edges are ascending, so equal scores keep the order of the graph
  const kept = Uint32Array.from(score, (_, i) => i)
    .sort((a, b) => Math.abs(score[b]!) - Math.abs(score[a]!) || a - b)
    .subarray(0, Math.min(top, score.length));
  const pick = (column: ArrayLike<number>): number[] => Array.from(kept, (i) => column[i]!);
  return { from: pick(from), to: pick(to), score: pick(score) };
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
  const names = [...union.keys()];
  const ends = names.map(endsOfEdge);
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
    circuits: graphs.map(({ key, graph }) => ({
      key,
      score: names.map((name) => graph.edges[name]?.score ?? null),
      inside: names.flatMap((name, i) => (graph.edges[name]?.in_graph ? [i] : [])),
      of: Object.keys(graph.edges).length,
    })),
  };
}

/** Circuit `a` as it is drawn beside circuit `b`: its own edges, and what becomes of them if `b` is the later, or became if not. */
export function compared(
  set: CircuitSet,
  a: number,
  b: number | undefined,
  other: typeof LEFT | typeof ENTERED,
): CircuitEdges {
  if (b !== undefined) return comparison(set, a, b, other === LEFT, false);
  const { list } = listOf(set, a);
  return { ...list, change: new Uint8Array(list.from.length).fill(KEPT) as ArrayLike<number> as ArrayLike<Change> };
}

/** Circuit `now` in one picture with what changed since an earlier one: its edges, and those that left, with the score they had. */
export const changes = (set: CircuitSet, now: number, since: number): CircuitEdges =>
  comparison(set, now, since, false, true);

function comparison(set: CircuitSet, a: number, b: number, isOtherLater: boolean, isUnion: boolean): CircuitEdges {
  const [own, other] = [listOf(set, a), listOf(set, b)];
  const { key, score, change } = changesBetween(
    { key: own.key, score: own.list.score },
    { key: other.key, score: other.list.score },
    { keys: set.from.length, isOtherLater, isUnion },
  );
  return {
    from: key.map((i) => set.from[i]!),
    to: key.map((i) => set.to[i]!),
    score,
    change,
    comparison: { own: own.list, other: other.list, isOtherLater, isUnion },
  };
}
