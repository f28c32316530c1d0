/**
 * The deltas of many sources in few tensors, all of a position together, so that one call scores a layer's reads against all of them. A
 * block has as many positions as a byte budget allows; the others follow in turn. What is kept of a source meanwhile is what
 * it has before its output weights: for GPT-2 small 75 KiB a position, where the outputs of all nodes are 471.
 */
import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import type { Capabilities } from '../kernel.js';
import { sliceRows, stackSources } from '../ops/index.js';
import type { Nodes, SourceGroup } from '../circuit/nodes.js';
import { readSites } from './readSites.js';

/** Bytes that blocks of deltas take, unless told: GPT-2 small then scores 550 positions at once. */
const DEFAULT_BYTES = 2 ** 28;

/** Rows of a part: a multiple of this, so that tiles of kernels are full; or a power of two below, see edgeScore. */
const STEP = 8;

export interface Room {
  /** Bytes of a binding at most. */
  readonly binding?: number;
  /** Bytes for all blocks. */
  readonly bytes?: number;
}

/** Bytes that one binding of the device holds. */
export const bindingOf = ({ limits }: Capabilities): number =>
  Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);

/** Rows n0 … n0 + M − 1 of those that are scored. */
export interface Part {
  readonly n0: number;
  readonly M: number;
}

/** How the scored rows are cut, so that blocks fit: none is lost, all parts but the last are of one size. */
export function partsOf(length: number, nodes: Nodes, { binding = Infinity, bytes = DEFAULT_BYTES }: Room): Part[] {
  const row = 4 * nodes.config.D;
  const widest = Math.max(
    ...nodes.sourceGroups.map(({ count }) => count),
    ...readSites(nodes).map(({ count }) => count),
  );
  const fitting = Math.max(1, Math.floor(Math.min(bytes / (row * nodes.sources.length), binding / (row * widest))));
  if (fitting >= length) return [{ n0: 0, M: length }];
  const even = Math.ceil(length / Math.ceil(length / fitting));
  const most = fitting < STEP ? 2 ** Math.floor(Math.log2(fitting)) : fitting - (fitting % STEP);
  const M = Math.min(Math.ceil(even / STEP) * STEP, most);
  return Array.from({ length: Math.ceil(length / M) }, (_, i) => ({ n0: i * M, M: Math.min(M, length - i * M) }));
}

export interface Block {
  readonly first: number;
  readonly count: number;
  /** [M, count, D] */
  readonly deltas: Value;
}

/** Consecutive groups, as many as one binding holds. `outputs` are what the nodes of a group write, [count, M, D]. */
export function stacked(
  graph: Graph,
  groups: readonly SourceGroup[],
  outputs: (group: SourceGroup) => Value,
  { M, D, binding = Infinity }: { M: number; D: number; binding?: number | undefined },
): Block[] {
  const most = Math.floor(binding / (4 * M * D));
  const runs: SourceGroup[][] = [];
  let taken = 0;
  for (const group of groups) {
    if (runs.length === 0 || taken + group.count > most) {
      runs.push([]);
      taken = 0;
    }
    runs.at(-1)!.push(group);
    taken += group.count;
  }
  return runs.map((run) => {
    const { first } = run[0]!;
    const S = run.reduce((sum, { count }) => sum + count, 0);
    // Of one source the two orders are the same.
    if (S === 1) return { first, count: 1, deltas: graph.view(outputs(run[0]!), [M, 1, D]) };
    let deltas = graph.blank(`deltas of ${first}`, [M, S, D]);
    for (const group of run) {
      const options = {
        dims: { G: group.count, M, D, S },
        attrs: { s0: group.first - first },
        label: `${group.at}${group.layer}.stack`,
      };
      deltas = graph.call(stackSources, { into: deltas, x: outputs(group) }, options).stacked!;
    }
    return { first, count: S, deltas };
  });
}

/** The rows of a part; all of them are the value itself. */
export function rowsOf(graph: Graph, x: Value, { n0, M }: Part): Value {
  const N = x.shape[0]!;
  if (M === N) return x;
  const D = x.shape.slice(1).reduce((n, size) => n * size, 1);
  const { y } = graph.call(sliceRows, { x }, { dims: { N, D, M }, attrs: { n0 }, label: `${x.name}.part` });
  return graph.view(y!, [M, ...x.shape.slice(1)]);
}
