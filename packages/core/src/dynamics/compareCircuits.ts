/**
 * What two circuits of one graph have in common, and what only one of them has: by edge, by node, by layer and by kind.
 *
 *   overlap = |A ∩ B| / |A ∪ B| · by chance = what two random sets of these sizes are expected to have: E / (|A| + |B| − E),
 *   E = |A| |B| / m, m the edges (nodes) of the graph
 *
 * Misleads: of two circuits of unlike size the overlap stays far below 1 even if one holds the other (`both` beside `a` and
 * `b` shows it); edges near the cut come and go with the examples, so two searches of one model on other examples say what
 * an overlap of 1 would be in practice; large circuits share most nodes by chance.
 */
import { overlap } from '../circuit/circuit.js';
import { nodeNames, nodesTouched, type EdgeGraph } from './graph.js';

export interface Shared {
  /** Members of the first, of the second, of both, and how many there are at all. */
  readonly a: number;
  readonly b: number;
  readonly both: number;
  readonly of: number;
  /** In [0, 1]; 1 where neither has any. */
  readonly overlap: number;
  readonly chance: number;
}

export interface SharedPart extends Shared {
  /** `layer 3`, `input`, `logits`; `attention`, `MLP`; of edges `attention → q`, by its source and the read. */
  readonly part: string;
}

export interface CircuitComparison {
  readonly edges: Shared;
  readonly nodes: Shared;
  /** Edges by the layer that they read into, and nodes. */
  readonly edgesByLayer: readonly SharedPart[];
  readonly nodesByLayer: readonly SharedPart[];
  readonly edgesByKind: readonly SharedPart[];
  readonly nodesByKind: readonly SharedPart[];
  /** Edge indices, ascending. */
  readonly both: Uint32Array<ArrayBuffer>;
  readonly onlyA: Uint32Array<ArrayBuffer>;
  readonly onlyB: Uint32Array<ArrayBuffer>;
}

/** @param a, b edges of the graph, indices ascending. */
export function compareCircuits(graph: EdgeGraph, a: Uint32Array, b: Uint32Array): CircuitComparison {
  const { nodes, to, from } = graph;
  const [inA, inB] = [new Set(a), new Set(b)];
  const names = nodeNames(graph);
  const touched = nodesTouched(graph);
  const [nodesA, nodesB] = [touched(a), touched(b)];
  const edges = Uint32Array.from({ length: from.length }, (_, i) => i);
  const all = Uint32Array.from(names.keys());
  const kindOfEdge = (edge: number): string =>
    `${kindOf(nodes.sources[from[edge]!]!)} → ${readOf(nodes.reads[to[edge]!]!)}`;
  return {
    edges: shared(a, b, edges.length),
    nodes: shared(nodesA, nodesB, all.length),
    edgesByLayer: byPart(edges, a, b, (edge) => layerOf(nodes.reads[to[edge]!]!)),
    nodesByLayer: byPart(all, nodesA, nodesB, (node) => layerOf(names[node]!)),
    edgesByKind: byPart(edges, a, b, kindOfEdge),
    nodesByKind: byPart(all, nodesA, nodesB, (node) => kindOf(names[node]!)),
    both: Uint32Array.from(a.filter((edge) => inB.has(edge))),
    onlyA: Uint32Array.from(a.filter((edge) => !inB.has(edge))),
    onlyB: Uint32Array.from(b.filter((edge) => !inA.has(edge))),
  };
}

function shared(a: Uint32Array, b: Uint32Array, of: number): Shared {
  const other = new Set(b);
  const both = a.reduce((count, member) => count + (other.has(member) ? 1 : 0), 0);
  const expected = of === 0 ? 0 : (a.length * b.length) / of;
  const either = a.length + b.length - expected;
  return { a: a.length, b: b.length, both, of, overlap: overlap(a, b), chance: either === 0 ? 1 : expected / either };
}

/** Parts in the order in which the graph has them; those that neither circuit touches are left out. */
function byPart(all: Uint32Array, a: Uint32Array, b: Uint32Array, partOf: (member: number) => string): SharedPart[] {
  const [sizes, ofA, ofB] = [all, a, b].map((members) => grouped(members, partOf)) as [Groups, Groups, Groups];
  const membersOf = (groups: Groups, part: string): Uint32Array => Uint32Array.from(groups.get(part) ?? []);
  return [...sizes]
    .filter(([part]) => ofA.has(part) || ofB.has(part))
    .map(([part, { length }]) => ({ part, ...shared(membersOf(ofA, part), membersOf(ofB, part), length) }));
}

type Groups = Map<string, number[]>;
function grouped(members: Uint32Array, partOf: (member: number) => string): Groups {
  const groups: Groups = new Map();
  for (const member of members) {
    const part = partOf(member);
    const group = groups.get(part);
    if (group) group.push(member);
    else groups.set(part, [member]);
  }
  return groups;
}

const layerOf = (name: string): string => {
  const [, layer] = /^[am](\d+)/.exec(name) ?? [];
  return layer === undefined ? name : `layer ${layer}`;
};

const kindOf = (name: string): string => ({ a: 'attention', m: 'MLP' })[name[0]!] ?? name;

/** `q`, `k`, `v`, `gate`, `in`, or the kind of a node that reads in one place. */
const readOf = (read: string): string => /<(.*)>$/.exec(read)?.[1] ?? kindOf(read);
