/** What lies between reads and sources: which reads a source computes from, and which edges lie on a path. */
import type { Circuit } from './circuit.js';
import type { Nodes } from './nodes.js';

/**
 * For each read, the sources that compute from it: its own node; for a key/value head, every query head that shares it;
 * none for `logits`.
 */
export function writersBehind({ config: { H, K }, sourceGroups, readGroups }: Nodes): readonly (readonly number[])[] {
  const firstOf = (at: 'attn' | 'mlp', layer: number): number =>
    sourceGroups.find((group) => group.at === at && group.layer === layer)!.first;
  return readGroups.flatMap(({ at, layer, count }) => {
    if (at === 'logits') return [[]];
    const isAttention = at === 'q' || at === 'k' || at === 'v';
    const first = firstOf(isAttention ? 'attn' : 'mlp', layer);
    const shared = at === 'k' || at === 'v' ? H / K : 1;
    return Array.from({ length: count }, (_, i) => Array.from({ length: shared }, (_, h) => first + i * shared + h));
  });
}

/** For each source, the reads that it computes from; none for `input`. */
export function readsOf(nodes: Nodes): readonly (readonly number[])[] {
  const reads = nodes.sources.map((): number[] => []);
  for (const [read, writers] of writersBehind(nodes).entries()) for (const source of writers) reads[source]!.push(read);
  return reads;
}

/**
 * The circuit without the edges that lie on no path from `input` to `logits`; a path goes through a node from any of its
 * reads. The graph must have both ends: that of `eap-ig`.
 */
export function pruned({ nodes, edges }: Circuit): Circuit {
  const R = nodes.reads.length;
  const writers = writersBehind(nodes);
  const fromInput = new Uint8Array(nodes.sources.length);
  const toLogits = new Uint8Array(nodes.sources.length);
  const leads = (read: number): boolean => read === R - 1 || writers[read]!.some((source) => toLogits[source]);
  fromInput[0] = 1;
  // Ascending edges have met all edges into a source before those out of it, and descending ones the other way round.
  for (const edge of edges)
    if (fromInput[Math.floor(edge / R)]) for (const source of writers[edge % R]!) fromInput[source] = 1;
  for (const edge of edges.toReversed()) if (leads(edge % R)) toLogits[Math.floor(edge / R)] = 1;
  return { nodes, edges: edges.filter((edge) => fromInput[Math.floor(edge / R)] && leads(edge % R)) };
}
