/** A circuit folded by layers: all heads of a layer one node, all blocks of an MLP one node, and edges between them summed. */
import { type CircuitEdges, type CircuitNodes, type EdgeList } from './circuitData.js';
import { changesBetween, type KeyedEdges } from './compare.js';

export type Grouping = 'none' | 'layers';

/** `a3.h5` and `a3.h5<q>` become `a3` and `a3<q>`, `m7.b2<gate>` becomes `m7<gate>`. */
export const layerOf = (name: string): string => name.replace(/\.[hb]\d+/, '');

export interface Folded {
  readonly nodes: CircuitNodes;
  fold(edges: CircuitEdges): CircuitEdges;
}

export function foldLayers(nodes: CircuitNodes): Folded {
  const sources = folded(nodes.sources);
  const reads = folded(nodes.reads);
  const across = reads.names.length;
  const keys = sources.names.length * across;

  const sum = ({ from, to, score }: EdgeList): KeyedEdges => {
    const signed = new Float64Array(keys);
    const sizes = new Float64Array(keys);
    const isThere = new Uint8Array(keys);
    for (let i = 0; i < from.length; i++) {
      const key = sources.at[from[i]!]! * across + reads.at[to[i]!]!;
      signed[key] = signed[key]! + score[i]!;
      sizes[key] = sizes[key]! + Math.abs(score[i]!);
      isThere[key] = 1;
    }
    const key = Uint32Array.from(isThere.keys()).filter((i) => isThere[i]);
    return { key, score: Float64Array.from(key, (i) => (signed[i]! < 0 ? -sizes[i]! : sizes[i]!)) };
  };
  const unfold = ({ key, score }: KeyedEdges): EdgeList => ({
    from: Uint32Array.from(key, (i) => Math.floor(i / across)),
    to: Uint32Array.from(key, (i) => i % across),
    score,
  });
  return {
    nodes: { layers: nodes.layers, heads: 1, kvHeads: 1, sources: sources.names, reads: reads.names },
    fold(edges) {
      if (!edges.comparison) return unfold(sum(edges));
      const { own, other, isOtherLater, isUnion } = edges.comparison;
      const { key, score, change } = changesBetween(sum(own), sum(other), { keys, isOtherLater, isUnion });
      return { ...unfold({ key, score }), change };
    },
  };
}

function folded(names: readonly string[]): { names: string[]; at: Uint32Array } {
  const found = new Map<string, number>();
  const at = Uint32Array.from(names, (name) => {
    const layer = layerOf(name);
    if (!found.has(layer)) found.set(layer, found.size);
    return found.get(layer)!;
  });
  return { names: [...found.keys()], at };
}
