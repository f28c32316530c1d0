/** Runs a graph with the ops' own f64 loops: slow, exact, and the oracle for everything that runs on a device. */
import type { Graph } from '../graph/graph.js';
import { elements, root, startOf, type Value } from '../graph/value.js';

/** @param leaves params, states and inputs by name; states and params that the graph updates in place are replaced in it. */
export function runOnCpu<K extends string>(
  graph: Graph,
  leaves: Map<string, ArrayLike<number>>,
  fetch: Record<K, Value>,
): Record<K, Float64Array> {
  const held = new Map<Value, Float64Array>();
  const get = (value: Value): Float64Array => {
    const known = held.get(value);
    if (known) return known;
    if (value.storage) return get(value.storage);
    // Not a number, so that what no call fills shows.
    if (value.isBlank) return new Float64Array(elements(value)).fill(NaN);
    const leaf = leaves.get(value.name);
    if (value.kind === 'temp' || (!leaf && value.kind !== 'state'))
      throw new Error(`runOnCpu: nothing given for '${value.name}'`);
    const data = leaf ? Float64Array.from(leaf) : new Float64Array(elements(value));
    if (data.length !== elements(value))
      throw new Error(`runOnCpu: '${value.name}' must have ${elements(value)} elements, got ${data.length}`);
    held.set(value, data);
    return data;
  };
  for (const call of graph.calls) {
    const ins = Object.fromEntries(Object.entries(call.ins).map(([name, value]) => [name, get(value)]));
    const made = call.pass === 'forward' ? call.op.forward(ins, call.dims) : call.op.backward!(ins, call.dims);
    for (const [name, value] of Object.entries(call.outs)) {
      held.set(value, made[name]!);
      if (value.at !== undefined) get(root(value)).set(made[name]!, startOf(value));
      const owner = root(value);
      if (owner !== value && owner.kind !== 'temp' && call.op.inPlace[name] !== undefined)
        leaves.set(owner.name, made[name]!);
    }
  }
  return Object.fromEntries(Object.entries<Value>(fetch).map(([name, value]) => [name, get(value)])) as Record<
    K,
    Float64Array
  >;
}
