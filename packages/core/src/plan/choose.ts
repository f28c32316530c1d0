/** Which kernel serves a call, and which of its entry points, in which order. */
import { LayoutError } from '../errors.js';
import type { Op } from '../op.js';
import type { Call } from '../op.js';
import type { Capabilities, EntryLayout, Kernel } from '../kernel.js';
import { TIMING_NOISE, timesNear } from './timings.js';

type Times = ReturnType<typeof timesNear>;

export interface Choice {
  kernel: Kernel;
  entries: string[];
}

/**
 * op name → kernel name: takes this variant wherever it applies, so that tests and benches can compare them. Calls that it
 * cannot serve are served as if it were not forced.
 */
export type Forced = Readonly<Record<string, string>>;

/** `read` are saved tensors of the call that others than its own backward pass look at: the kernel must write them. */
export function choose(
  call: Call,
  kernels: readonly Kernel[],
  capabilities: Capabilities,
  forced: Forced = {},
  read: readonly string[] = [],
): Choice {
  const named = forced[call.op.name];
  const able = kernels.filter((kernel) => kernel.op.name === call.op.name && applies(kernel, call, capabilities));
  const times = timesNear(able, call, capabilities.adapter ?? '');
  const worthIt = able.filter((kernel) => kernel.name === named || isWorthIt(kernel, call, capabilities, times));
  const fastest = Math.min(...worthIt.map((kernel) => times.get(kernel) ?? Infinity));
  /** Infinity where nothing was measured; what is as fast as the fastest but for noise counts as equal to it. */
  const timeOf = (kernel: Kernel): number => {
    const time = times.get(kernel) ?? Infinity;
    return TIMING_NOISE * time <= fastest ? fastest : time;
  };
  const candidates = worthIt.toSorted(
    (a, b) =>
      Number(b.name === named) - Number(a.name === named) ||
      // Asked for: what a number is rounded to must not hang on what happened to be measured.
      Number(b.isHalf ?? false) - Number(a.isHalf ?? false) ||
      timeOf(a) - timeOf(b) ||
      b.rank - a.rank,
  );
  for (const kernel of candidates) {
    const entries = entriesFor(kernel, call, read);
    if (entries) return { kernel, entries };
  }
  throw new LayoutError({
    where: `plan(${call.label})`,
    rule: `a kernel must serve ${call.op.name} ${call.pass} with ${Object.keys(call.ins).join(', ')}`,
    got:
      candidates.length === 0
        ? 'none that fits this device and these sizes'
        : `only ${candidates.map((k) => k.name).join(', ')}`,
    cure: 'Pass the kernels of @circuit-tuning/kernels-wgsl, or add an entry point for this combination.',
  });
}

function isWorthIt(kernel: Kernel, { dims }: Call, capabilities: Capabilities, times: Times): boolean {
  const { suits, flops, isHalf, leastFlops = 0 } = kernel;
  if (isHalf && capabilities.precision !== 'f16') return false;
  if (leastFlops > 0 && (flops?.(dims) ?? 0) < leastFlops) return false;
  return (times.has(kernel) && !isHalf) || (suits?.(dims, capabilities) ?? true);
}

export function applies(kernel: Kernel, call: Pick<Call, 'dims'>, capabilities: Capabilities): boolean {
  return (
    (kernel.needs ?? []).every((feature) => capabilities.features.has(feature)) &&
    (kernel.when?.(call.dims, capabilities) ?? true)
  );
}

/** Entry points that write what the call wants, preceded by those that write what they read; undefined if some part has none. */
export function entriesFor(
  kernel: Kernel,
  call: Pick<Call, 'op' | 'pass' | 'ins' | 'outs'>,
  read: readonly string[] = [],
): string[] | undefined {
  const offered = Object.entries(kernel.layout.entries).filter(
    ([name, entry]) => name.startsWith(call.pass) && bindsGivenOptionals(kernel, entry, call),
  );
  const internal = new Set([
    ...Object.keys(kernel.scratch ?? {}),
    ...(call.pass === 'forward' ? Object.keys(call.op.saved) : []),
  ]);
  const needed = new Set([...Object.keys(call.outs).filter((name) => !(name in call.op.saved)), ...read]);
  const covered = new Set<string>();
  const chosen: string[] = [];
  // Several entry points may write one tensor in turn (a clear, then a scatter): all of them run, in file order.
  for (const [name, entry] of offered.toReversed()) {
    const written = writes(call.op, entry);
    if (!written.some((tensor) => needed.has(tensor))) continue;
    for (const tensor of written) covered.add(tensor);
    for (const { tensor, access } of entry.bindings) if (access === 'read' && internal.has(tensor)) needed.add(tensor);
    chosen.unshift(name);
  }
  return [...needed].every((tensor) => covered.has(tensor)) ? chosen : undefined;
}

/** Tensors an entry point writes, under the op's output names (an in-place kernel binds the input). */
function writes(op: Op, entry: EntryLayout): string[] {
  const bound = entry.bindings.filter(({ access }) => access === 'read_write').map(({ tensor }) => tensor);
  const inPlace = Object.entries(op.inPlace).flatMap(([output, input]) => (bound.includes(input) ? [output] : []));
  return [...bound, ...inPlace];
}

/** An optional input that is given must be bound by the entry point, unless it writes nothing that depends on it. */
function bindsGivenOptionals(
  { scratch = {} }: Kernel,
  entry: EntryLayout,
  call: Pick<Call, 'op' | 'pass' | 'ins' | 'outs'>,
): boolean {
  const isFirst = entry.bindings.every(({ tensor, access }) => access === 'read' || tensor in scratch);
  return call.op.optional.every((name) => {
    const bound = entry.bindings.some(({ tensor }) => tensor === name);
    if (call.pass === 'backward') return !bound || name in call.ins;
    return bound === name in call.ins || (isFirst && !bound);
  });
}
