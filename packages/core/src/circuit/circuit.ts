/** A circuit: a set of edges, and the nodes they join. */
import { edgeName, nodeOfRead, type Nodes } from './nodes.js';

export interface Circuit {
  readonly nodes: Nodes;
  /** Edge indices (source · R + read), ascending. */
  readonly edges: Uint32Array<ArrayBuffer>;
}

export interface Ends {
  /** Indices of sources and reads that an edge of the circuit touches, ascending. */
  readonly sources: number[];
  readonly reads: number[];
}

/** A node is in the circuit iff an edge of it is: no pruning of dead ends. */
export function endsOf({ nodes, edges }: Circuit): Ends {
  const R = nodes.reads.length;
  const ascending = (a: number, b: number): number => a - b;
  return {
    sources: [...new Set(Array.from(edges, (edge) => Math.floor(edge / R)))].sort(ascending),
    reads: [...new Set(Array.from(edges, (edge) => edge % R))].sort(ascending),
  };
}

/** |A ∩ B| / |A ∪ B| of two sets, each without repetition; 1 for two empty ones. */
export function overlap(a: Uint32Array, b: Uint32Array): number {
  const other = new Set(b);
  const both = a.reduce((count, member) => count + (other.has(member) ? 1 : 0), 0);
  const either = a.length + b.length - both;
  return either === 0 ? 1 : both / either;
}

/** The overlap of the edges. */
export const jaccard = (a: Circuit, b: Circuit): number => overlap(a.edges, b.edges);

export const edgeNames = ({ nodes, edges }: Circuit): string[] => Array.from(edges, (edge) => edgeName(nodes, edge));

/** Nodes of a circuit: heads and MLPs, whether they write, read or both. */
export function nodesIn(circuit: Circuit): Set<string> {
  const { sources, reads } = endsOf(circuit);
  const { nodes } = circuit;
  return new Set([...sources.map((s) => nodes.sources[s]!), ...reads.map((r) => nodeOfRead(nodes.reads[r]!))]);
}

export const nodeCount = (circuit: Circuit): number => nodesIn(circuit).size;
