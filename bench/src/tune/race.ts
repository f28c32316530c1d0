/**
 * The variants of one call in turn, round after round, each by its fastest round: what else a machine does only ever adds.
 * By CPU time of the adapter's threads, where the system tells and the adapter is software; else by the device's clock.
 */
import { capabilitiesOf, plan } from '@circuit-tuning/core';
import { kernels as all } from '@circuit-tuning/kernels-wgsl';
import { caseGraph, type Gpu } from '@circuit-tuning/testkit';
import { workerCpuMs } from '../device/workerCpu.js';
import type { Work } from '../kernels/command.js';
import { openPass, repeatsFor, type OpenPass } from '../kernels/measure.js';

/** A variant that takes so many times as long as another is not run again. */
const HOPELESS = 3;

export interface Raced {
  /** Milliseconds by the name of the kernel. */
  readonly ms: Readonly<Record<string, number>>;
  /** The kernel that is taken where nothing was measured. */
  readonly byRule: string | undefined;
}

export async function race(gpu: Gpu, call: Work, rounds: number): Promise<Raced> {
  const { op, pass, case: aCase } = call;
  const opened = new Map<string, OpenPass>();
  // Times decide nothing about what rounds to f16.
  for (const kernel of all.filter((it) => it.op.name === op && !it.isHalf)) {
    const it = await openPass(gpu, all, kernel, aCase, pass);
    if (it) opened.set(kernel.name, it);
  }
  const clock = gpu.info.isSoftware ? workerCpuMs : () => undefined;
  const timed = async (it: OpenPass, repeats: number): Promise<number> => {
    const before = clock();
    const deviceMs = await it.time(repeats);
    const after = clock();
    return (before === undefined || after === undefined ? deviceMs : after - before) / repeats;
  };
  const best = new Map<string, number>();
  for (const [name, it] of opened) best.set(name, await timed(it, 1));
  const fastest = Math.min(...best.values());
  for (let round = 0; round < rounds; round++)
    for (const [name, it] of opened) {
      const known = best.get(name)!;
      if (known < HOPELESS * fastest) best.set(name, Math.min(known, await timed(it, repeatsFor(known))));
    }
  for (const { dispose } of opened.values()) dispose();
  const ms = Object.fromEntries([...best].map(([name, time]) => [name, Number(time.toPrecision(3))]));
  return { ms, byRule: ruleOf(gpu, call) };
}

function ruleOf({ device, info }: Gpu, { op, pass, case: aCase }: Work): string | undefined {
  const unmeasured = all.map((kernel) => ({ ...kernel, timings: [] }));
  const kernel = all.find(({ name }) => name === op)!;
  const { attrs, ...rest } = aCase;
  const { graph, watched } = caseGraph(kernel.op, { ...rest, ...(attrs && { attrs }) }, pass === 'backward', kernel);
  const { dispatches } = plan(graph, {
    kernels: unmeasured,
    capabilities: capabilitiesOf(device, info),
    fetch: watched,
  });
  const serving = new Set(all.filter((it) => it.op.name === op).map(({ name }) => name));
  return dispatches.find((it) => serving.has(it.kernel) && it.entry.startsWith(pass))?.kernel;
}
