/**
 * Edges into q, k and v of a head as one: the coarser graph whose attention heads have a single input. The effect of
 * patching all three is, to first order, the sum of the three scores. Query heads that share a key and value head come
 * together with it, for neither could be had without the other.
 */
import { edgeIndex, isEdge, type Nodes } from './nodes.js';

/** All joined edges, each as its edges; those into other reads stand alone. */
function joined(nodes: Nodes): number[][] {
  const { config, readGroups } = nodes;
  const heads = config.H / config.K;
  const all: number[][] = [];
  for (let source = 0; source < nodes.sources.length; source++) {
    const units = new Map<string, number[]>();
    for (const { at, layer, first, count } of readGroups)
      for (let i = 0; i < count; i++) {
        if (!isEdge(nodes, source, first + i)) continue;
        const kv = at === 'q' ? Math.floor(i / heads) : i;
        const unit = at === 'q' || at === 'k' || at === 'v' ? `${layer} attn ${kv}` : `${first + i}`;
        units.set(unit, [...(units.get(unit) ?? []), edgeIndex(nodes, source, first + i)]);
      }
    all.push(...units.values());
  }
  return all;
}

/** Joined edges by |Σ score|, or Σ score, as many as have at most n edges together; ties go by index. */
export function joinedEdges(
  nodes: Nodes,
  scores: ArrayLike<number>,
  n: number,
  isSigned: boolean,
): Uint32Array<ArrayBuffer> {
  const units = joined(nodes).map((edges) => {
    const sum = edges.reduce((total, edge) => total + scores[edge]!, 0);
    return { edges, key: isSigned ? sum : Math.abs(sum) };
  });
  const taken: number[] = [];
  for (const { edges } of units.toSorted((a, b) => b.key - a.key || a.edges[0]! - b.edges[0]!)) {
    if (taken.length + edges.length > n) break;
    taken.push(...edges);
  }
  return Uint32Array.from(taken).toSorted();
}
