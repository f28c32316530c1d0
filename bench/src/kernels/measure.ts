/** The time of one kernel on one case: median of many samples, by timestamp queries where the device has them. */
import {
  applies,
  capabilitiesOf,
  entriesFor,
  plan,
  type Kernel,
  type KernelCase,
  type Plan,
} from '@circuit-tuning/core';
import { caseGraph, type Gpu } from '@circuit-tuning/testkit';
import { bind } from '../device/bound.js';
import { workerCpuMs } from '../device/workerCpu.js';
import { median } from '../sampling.js';
import { openClock, type Clock } from './clock.js';

const MOST_SAMPLES = 21;
const FEWEST_SAMPLES = 3;
/** A sample repeats the dispatch until it takes about this long: clocks are coarse, and a submit costs some 30 µs. */
const SAMPLE_MS = 10;
const MOST_REPEATS = 200;
/** What all samples may take together: readable kernels need seconds for one large product. */
const ALL_MS = 1000;

export interface Timing {
  /** Median and fastest sample, in milliseconds for one run of the pass. */
  readonly ms: number;
  readonly best: number;
  /** Of the fastest sample by CPU time of the adapter's threads; where the adapter is software and the system tells. */
  readonly cpuMs?: number;
  /** By the wall clock this includes the submit. */
  readonly clock: Clock['kind'];
  /** Of all that the pass binds, once. */
  readonly bytes: number;
}

export type Pass = 'forward' | 'backward';

/** One pass of a kernel on a case, on buffers of its own, everything run once. */
export interface OpenPass {
  readonly clock: Clock['kind'];
  /** Of all that the pass binds, once. */
  readonly bytes: number;
  /** Milliseconds of the device for so many runs in one submit. */
  time(repeats: number): Promise<number>;
  dispose(): void;
}

/** undefined where the kernel does not serve this case, this pass or this device. */
export async function openPass(
  { device, info }: Gpu,
  kernels: readonly Kernel[],
  kernel: Kernel,
  { attrs, ...aCase }: KernelCase,
  passName: Pass,
): Promise<OpenPass | undefined> {
  const capabilities = capabilitiesOf(device, info);
  const isBackward = passName === 'backward';
  if (isBackward && !Object.keys(kernel.layout.entries).some((entry) => entry.startsWith('backward'))) return undefined;
  const { graph, leaves, watched } = caseGraph(kernel.op, { ...aCase, ...(attrs && { attrs }) }, isBackward, kernel);
  const calls = graph.calls.filter(({ op }) => op === kernel.op);
  if (!calls.every((call) => applies(kernel, call, capabilities) && entriesFor(kernel, call))) return undefined;
  const ready = plan(graph, {
    kernels,
    capabilities,
    fetch: watched,
    forced: { [kernel.op.name]: kernel.name },
    isApart: true,
  });
  const isTimed = (dispatch: Plan['dispatches'][number]): boolean =>
    dispatch.kernel === kernel.name && dispatch.entry.startsWith(passName);

  const { record, dispose } = await bind(device, kernels, ready, leaves);
  const clock = openClock(device);
  // Everything once: a backward pass should find what forward saved, not zeros.
  await clock.time((pass) => record(pass));
  return {
    clock: clock.kind,
    bytes: boundBytes(ready.dispatches.filter(isTimed)),
    time: (repeats) =>
      clock.time((pass) => {
        for (let i = 0; i < repeats; i++) record(pass, isTimed);
      }),
    dispose() {
      clock.dispose();
      dispose();
    },
  };
}

/** So many that a sample takes about SAMPLE_MS. */
export const repeatsFor = (once: number): number => Math.max(1, Math.min(MOST_REPEATS, Math.round(SAMPLE_MS / once)));

/** undefined where the kernel does not serve this case, this pass or this device. */
export async function measure(
  gpu: Gpu,
  kernels: readonly Kernel[],
  kernel: Kernel,
  aCase: KernelCase,
  passName: Pass,
): Promise<Timing | undefined> {
  const opened = await openPass(gpu, kernels, kernel, aCase, passName);
  if (!opened) return undefined;
  const { time, clock, bytes, dispose } = opened;
  const samples: number[] = [];
  let cpuMs = Infinity;
  const sample = async (repeats: number): Promise<number> => {
    const before = gpu.info.isSoftware ? workerCpuMs() : undefined;
    const ms = (await time(repeats)) / repeats;
    const after = workerCpuMs();
    if (before !== undefined && after !== undefined) cpuMs = Math.min(cpuMs, (after - before) / repeats);
    samples.push(ms);
    return ms;
  };
  try {
    const once = await sample(1);
    // one that takes as long as all samples may is sample enough
    if (once <= ALL_MS) {
      samples.length = 0;
      const repeats = repeatsFor(once);
      const affordable = Math.round(ALL_MS / (once * repeats));
      const count = Math.max(FEWEST_SAMPLES, Math.min(MOST_SAMPLES, affordable));
      for (let i = 0; i < count; i++) await sample(repeats);
    }
    return { ms: median(samples), best: Math.min(...samples), ...(cpuMs < Infinity && { cpuMs }), clock, bytes };
  } finally {
    dispose();
  }
}

/** Operations above which a readable kernel is timed on a part. */
const LARGE = 2 ** 28;

/**
 * The readable kernel of an op. Where it would take seconds, on a part of the rows of its output, whose time is multiplied:
 * it does the same for each of them.
 */
export async function measureReadable(
  gpu: Gpu,
  kernels: readonly Kernel[],
  kernel: Kernel,
  aCase: KernelCase,
  passName: Pass,
): Promise<Timing | undefined> {
  const letter = Object.values(kernel.op.outputs)[0]!.split(' ')[0]!;
  const flops = (dims: KernelCase['dims']): number =>
    kernel.flops?.({ ...kernel.op.attrs, ...aCase.attrs, ...dims }) ?? 0;
  const halfOf = (dims: KernelCase['dims']) => ({ ...dims, [letter]: (dims[letter] ?? 0) / 2 });
  const isHalvable = (dims: KernelCase['dims']): boolean =>
    flops(dims) > LARGE && (dims[letter] ?? 0) % 2 === 0 && 2 * flops(halfOf(dims)) === flops(dims);
  let { dims } = aCase;
  while (isHalvable(dims)) dims = halfOf(dims);
  const timing = await measure(gpu, kernels, kernel, { ...aCase, dims }, passName);
  if (!timing || dims === aCase.dims) return timing;
  const parts = aCase.dims[letter]! / dims[letter]!;
  const { ms, best, cpuMs, clock, bytes } = timing;
  return { ms: parts * ms, best: parts * best, ...(cpuMs && { cpuMs: parts * cpuMs }), clock, bytes: parts * bytes };
}

function boundBytes(dispatches: Plan['dispatches']): number {
  const places = new Map(
    dispatches.flatMap(({ bindings }) => bindings.map(({ place, bytes }) => [JSON.stringify(place), bytes] as const)),
  );
  return [...places.values()].reduce((sum, bytes) => sum + bytes, 0);
}
