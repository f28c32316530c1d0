/** A circuit: a set of edges, and the nodes they join. */
import { edgeName, type Nodes } from './nodes.js';

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

/** |A ∩ B| / |A ∪ B| of the edges; 1 for two empty circuits. */
export function jaccard(a: Circuit, b: Circuit): number {
  const other = new Set(b.edges);
  const both = a.edges.filter((edge) => other.has(edge)).length;
  const either = a.edges.length + b.edges.length - both;
  return either === 0 ? 1 : both / either;
}

export const edgeNames = ({ nodes, edges }: Circuit): string[] => Array.from(edges, (edge) => edgeName(nodes, edge));
