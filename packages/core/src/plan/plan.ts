/**
 * A graph made ready to replay: which kernel runs when, on which buffers, with which parameters.
 * Plain data: it can be printed, compared and kept; only `run/session.ts` needs a device.
 */
import { requireBindable } from './bindable.js';
import type { Graph } from '../graph/graph.js';
import { byteLength, byteOffset, elements, root, startOf, type Value } from '../graph/value.js';
import type { Call } from '../op.js';
import { shapeOf, tensorsOf, type Size } from '../op.js';
import type { Binding, Capabilities, Kernel } from '../kernel.js';
import { choose, type Forced } from './choose.js';
import { packParams } from './params.js';
import { assignSlots, slotsApart, type Lifetime } from './slots.js';

/** Where a tensor lives: a slot of the plan, or a buffer the session keeps under a name. */
export type Place = { readonly slot: number } | { readonly leaf: string };

/** `bytes` from `offset` on of what lies at a place. */
export interface Bound {
  readonly binding: number;
  readonly place: Place;
  readonly offset: number;
  readonly bytes: number;
  readonly access: Binding['access'];
}

export interface Dispatch {
  readonly kernel: string;
  readonly entry: string;
  readonly label: string;
  readonly bindings: readonly Bound[];
  readonly params?: { binding: number; offset: number; size: number };
  readonly constants: Size;
  readonly grid: readonly [number, number, number];
  /** Of the whole call, told once, at its first entry point; 0 in a backward pass. */
  readonly flops: number;
}

export interface Leaf {
  readonly name: string;
  readonly kind: 'param' | 'state' | 'input';
  readonly dtype: Value['dtype'];
  readonly bytes: number;
}

export interface Plan {
  /** Bytes of each slot. */
  readonly slots: readonly number[];
  readonly leaves: readonly Leaf[];
  readonly dispatches: readonly Dispatch[];
  /** Parameters of all dispatches, one 256-byte-aligned struct after the other. */
  readonly params: ArrayBuffer;
  readonly fetches: readonly { name: string; place: Place; offset: number; bytes: number }[];
}

/** Temporaries that lie in states of the session, by the states' names, so that one program can take over from another. */
export interface Handed {
  /** Made here, for a program that runs later. */
  readonly keep?: ReadonlyMap<Value, string>;
  /** Made by a program that ran before, from the same inputs: what only leads to them is not computed again. */
  readonly given?: ReadonlyMap<Value, string>;
}

export interface PlanOptions extends Handed {
  kernels: readonly Kernel[];
  capabilities: Capabilities;
  /** name → value to be read back after each run. */
  fetch?: Readonly<Record<string, Value>>;
  forced?: Forced;
  /** Gives every temporary a slot of its own, for whoever binds slots whole. */
  isApart?: boolean;
}

interface Draft {
  kernel: Kernel;
  entry: string;
  call: Call;
  dims: Size;
  tensors: { binding: number; value: Value; access: Binding['access'] }[];
}

/** @throws LayoutError when no kernel serves a call; LimitError when a tensor is larger than the device can bind. */
export function plan(graph: Graph, options: PlanOptions): Plan {
  const { capabilities, fetch = {}, keep, given } = options;
  const { limits } = capabilities;
  // Temporaries of a kernel's own get ids below zero: never those of a graph's values.
  const ids = { next: -1 };
  const calls = prune(graph, [...Object.values(fetch), ...(keep?.keys() ?? [])], given);
  const read = readValues(calls, Object.values(fetch));
  const drafts = calls.flatMap((call) => drafted(call, ids, read, options));
  const stateOf = (owner: Value): string | undefined => keep?.get(owner) ?? given?.get(owner);
  const lifetimes = new Map<number, Lifetime>();
  const leaves = new Map<string, Leaf>();
  const touch = (value: Value, at: number, access?: Binding['access']): void => {
    const owner = root(value);
    const { kind, dtype, name, shape } = owner;
    const bytes = byteLength(elements(owner), dtype);
    requireBindable({ name, shape, isParameter: kind === 'param', bytes }, limits);
    const state = stateOf(owner);
    if (state !== undefined) leaves.set(state, { name: state, kind: 'state', dtype, bytes });
    else if (kind !== 'temp') leaves.set(name, { name, kind, dtype, bytes });
    if (state !== undefined || kind !== 'temp') return;
    const life = lifetimes.get(owner.id) ?? { key: owner.id, bytes, first: at, last: at, touches: [] };
    life.last = at;
    if (access) life.touches.push({ at, access });
    lifetimes.set(owner.id, life);
  };
  drafts.forEach(({ tensors }, at) => tensors.forEach(({ value, access }) => touch(value, at, access)));
  for (const value of Object.values(fetch)) touch(value, drafts.length);

  const lives = [...lifetimes.values()];
  const slots = options.isApart
    ? slotsApart(lives)
    : assignSlots(lives, limits.minStorageBufferOffsetAlignment, limits.maxBufferSize);
  const located = (value: Value): { place: Place; offset: number; bytes: number } => {
    const owner = root(value);
    const leaf = stateOf(owner) ?? (owner.kind === 'temp' ? undefined : owner.name);
    const bytes = byteLength(elements(value), value.dtype);
    const start = byteOffset(startOf(value), value.dtype);
    if (leaf !== undefined) return { place: { leaf }, offset: start, bytes };
    const { slot, offset } = slots.of.get(owner.id)!;
    return { place: { slot }, offset: offset + start, bytes };
  };
  const { buffer, offsets } = packParams(drafts, limits.minUniformBufferOffsetAlignment);
  const dispatches = drafts.map(({ kernel, entry, call, dims, tensors }, i): Dispatch => {
    const layout = kernel.layout.entries[entry]!;
    const constants = { ...kernel.layout.constants, ...kernel.constants?.(dims, capabilities) };
    return {
      kernel: kernel.name,
      entry,
      label: call.label,
      bindings: tensors.map(({ binding, value, access }) => ({ binding, ...located(value), access })),
      ...(layout.params && {
        params: { binding: layout.params.binding, offset: offsets[i]!, size: layout.params.size },
      }),
      constants,
      grid: foldGrid(kernel.grid[entry]!(dims, constants), limits.maxComputeWorkgroupsPerDimension),
      flops: call.pass === 'forward' && drafts[i - 1]?.call !== call ? (kernel.flops?.(dims) ?? 0) : 0,
    };
  });
  return {
    slots: slots.bytes,
    leaves: [...leaves.values()],
    dispatches,
    params: buffer,
    fetches: Object.entries(fetch).map(([name, value]) => ({ name, ...located(value) })),
  };
}

/** Calls that nothing fetched and no state depends on are left out, and so are those that only make what is given. */
function prune(graph: Graph, fetched: readonly Value[], given: Handed['given']): Call[] {
  const live = new Set(fetched.map(root));
  const kept: Call[] = [];
  for (const call of graph.calls.toReversed()) {
    const outs = Object.values(call.outs);
    // An in-place write to a param or a state is why a graph runs at all.
    const isWanted = (out: Value): boolean => live.has(out) && !given?.has(out);
    if (!outs.some((out) => isWanted(root(out)) || (root(out).kind !== 'temp' && !isShared(call)))) continue;
    for (const value of Object.values(call.ins)) live.add(root(value));
    kept.push(call);
  }
  return kept.reverse();
}

/** What is fetched, or an input of a call; what a backward pass finds saved by its own forward pass is neither. */
const readValues = (calls: readonly Call[], fetched: readonly Value[]): ReadonlySet<Value> =>
  new Set([
    ...fetched.map(root),
    ...calls.flatMap(({ op, ins }) => Object.keys(ins).flatMap((name) => (name in op.saved ? [] : [root(ins[name]!)]))),
  ]);

/** The output is its input's memory: nothing to dispatch. */
const isShared = (call: Call): boolean => Object.keys(call.op.shares).length > 0;

function drafted(
  call: Call,
  ids: { next: number },
  read: ReadonlySet<Value>,
  { kernels, capabilities, forced }: PlanOptions,
): Draft[] {
  if (isShared(call)) return [];
  const looked = Object.keys(call.op.saved).filter((name) => call.outs[name] && read.has(root(call.outs[name])));
  const { kernel, entries } = choose(call, kernels, capabilities, forced, looked);
  const dims = { ...call.dims, ...kernel.derived?.(call.dims) };
  const shapes = { ...tensorsOf(call.op), ...kernel.scratch };
  // Scratch, and outputs the kernel writes although nobody asked: temporaries of this call.
  const own = new Map<string, Value>();
  const valueOf = (tensor: string): Value => {
    const known = call.ins[tensor] ?? call.outs[tensor] ?? own.get(tensor);
    if (known) return known;
    const name = `${call.label}.${tensor}`;
    const value: Value = { id: ids.next--, name, shape: shapeOf(shapes[tensor]!, dims), dtype: 'f32', kind: 'temp' };
    own.set(tensor, value);
    return value;
  };
  return entries.map((entry) => ({
    kernel,
    entry,
    call,
    dims,
    tensors: kernel.layout.entries[entry]!.bindings.map(({ binding, tensor, access }) => ({
      binding,
      value: valueOf(tensor),
      access,
    })),
  }));
}

/** One number above the limit of a dimension becomes two; kernels read `wg.x + wg.y * groups.x` and check the end. */
function foldGrid(grid: readonly number[], most: number): [number, number, number] {
  const [x, y, z] = grid as [number, number?, number?];
  if (y === undefined && x > most) {
    const rows = Math.ceil(x / most);
    return [Math.ceil(x / rows), rows, 1];
  }
  return [Math.max(1, x), y ?? 1, z ?? 1];
}
