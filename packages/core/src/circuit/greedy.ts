/**
 * EAP-IG's greedy search (https://github.com/hannamw/EAP-IG, `Graph.apply_greedy`): from the logits upstream, always the best
 * edge into a node that is already in the circuit. Whatever it keeps reaches the logits.
 */
import FlatQueue from 'flatqueue';
import { edgeIndex, type Nodes } from './nodes.js';
import { readsOf } from './paths.js';

/** The first n edges of the search; `order` are all edges, best first. The graph must have `logits`. */
export function greedyEdges(nodes: Nodes, order: Uint32Array, n: number): Uint32Array<ArrayBuffer> {
  const R = nodes.reads.length;
  const rank = new Uint32Array(nodes.sources.length * R);
  for (const [at, edge] of order.entries()) rank[edge] = at;
  const reads = readsOf(nodes);
  const isInside = new Uint8Array(nodes.sources.length);
  const isOpen = new Uint8Array(R);
  const queue = new FlatQueue<number>();
  const open = (read: number): void => {
    // key/value heads are read by several heads, and their edges count once
    if (isOpen[read]) return;
    isOpen[read] = 1;
    for (let s = 0; s < nodes.reach[read]!; s++) {
      const edge = edgeIndex(nodes, s, read);
      queue.push(edge, rank[edge]!);
    }
  };
  open(R - 1);
  const kept = new Uint32Array(n);
  // Every source is read by the logits, so the queue does not run dry before the graph does.
  for (let i = 0; i < n; i++) {
    const edge = (kept[i] = queue.pop()!);
    const source = Math.floor(edge / R);
    if (isInside[source]) continue;
    isInside[source] = 1;
    for (const read of reads[source]!) open(read);
  }
  return kept.toSorted();
}
