/** The slices that nodes of a graph own, each once, and ways to take some of them. */
import type { ModelConfig } from '../../model/config.js';
import { parameterShapes } from '../../model/parameters.js';
import type { Random } from '../../task/random.js';
import type { Nodes } from '../../circuit/nodes.js';
import { maskRows, slicesOfEnds, type Slice } from '../../circuit/slices.js';

const keyOf = ({ parameter, from }: Slice): string => `${parameter} ${from}`;

/** In the order of sources, then reads; a bias that heads share once. */
export function ownableSlices(nodes: Nodes): Slice[] {
  const all = slicesOfEnds(nodes, { sources: [...nodes.sources.keys()], reads: [...nodes.reads.keys()] });
  return [...new Map(all.map((slice) => [keyOf(slice), slice])).values()];
}

/** Slices of two nodes are the same or do not touch, so their beginnings tell them apart. */
export function without(slices: readonly Slice[], taken: readonly Slice[]): Slice[] {
  const out = new Set(taken.map(keyOf));
  return slices.filter((slice) => !out.has(keyOf(slice)));
}

/** How many numbers a slice has. */
export function sizesOf(config: ModelConfig): (slice: Slice) => number {
  const widths = new Map(
    parameterShapes(config).map(({ name, shape }) => [name, shape.reduce((n, d) => n * d, 1) / maskRows(name, shape)]),
  );
  return ({ parameter, from, to }) => (to - from) * widths.get(parameter)!;
}

/** The first items, as many as come nearest to `wanted` in size; at least one. */
export function upTo<Item>(items: readonly Item[], wanted: number, size: (item: Item) => number): Item[] {
  const taken: Item[] = [];
  let sum = 0;
  for (const item of items) {
    const next = sum + size(item);
    if (taken.length > 0 && next - wanted > wanted - sum) break;
    taken.push(item);
    sum = next;
    if (sum >= wanted) break;
  }
  return taken;
}

/** Random slices outside `taken`, as near to the share of all parameters outside as whole slices come. */
export function extraSlices(nodes: Nodes, taken: readonly Slice[], share: number, random: Random): Slice[] {
  const outside = without(ownableSlices(nodes), taken);
  const size = sizesOf(nodes.config);
  const all = outside.reduce((sum, slice) => sum + size(slice), 0);
  return outside.length === 0 ? [] : upTo(random.shuffle(outside), share * all, size);
}

export const layerOf = ({ parameter }: Slice): number => Number(/^blocks\.(\d+)/.exec(parameter)![1]);
