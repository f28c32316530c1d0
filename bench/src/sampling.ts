/**
 * Cases timed in turn, round after round, in one process: what slows the machine down for a while slows all of them, and
 * ratios of their medians hold where single times do not.
 */
import type { Meter, Submitted } from './device/meter.js';
import { threadCpuUs } from './device/threadClock.js';
import { workerCpuMs } from './device/workerCpu.js';

export interface Case {
  readonly name: string;
  /** One sample; has waited for the device when it returns. */
  run(): Promise<void>;
  /** Divides a sample's times: steps that one run takes, 1 unless told. */
  readonly steps?: number;
}

export interface Sample {
  readonly wallMs: number;
  /** CPU time of all threads but Node's main one, where the system tells. */
  readonly cpuMs?: number;
  /** By timestamp queries, where there are any; of libraries with a device of their own nothing is known. */
  readonly gpuMs?: number;
  readonly dispatches: number;
  /** CPU time of Node's main thread: all that the host did, where the system tells. */
  readonly hostMs?: number;
  /** Those with dispatches, in order. */
  readonly submits?: readonly Submitted[];
}

export type Samples = Readonly<Record<string, readonly Sample[]>>;

export async function interleaved(
  cases: readonly Case[],
  rounds: number,
  meter: Meter,
  say: (line: string) => void,
): Promise<Samples> {
  const samples: Record<string, Sample[]> = Object.fromEntries(cases.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const aCase of cases) {
      const sample = await sampleOf(aCase, meter);
      samples[aCase.name]!.push(sample);
      say(`round ${round + 1} of ${rounds}: ${aCase.name} ${sample.wallMs.toFixed(1)} ms`);
    }
  return samples;
}

async function sampleOf({ run, steps = 1 }: Case, meter: Meter): Promise<Sample> {
  const cpuBefore = workerCpuMs();
  const hostBefore = threadCpuUs();
  const start = performance.now();
  let wallMs = 0;
  let cpuAfter: number | undefined;
  let hostAfter: number | undefined;
  const { gpuMs, dispatches, submits } = await meter.measure(async () => {
    await run();
    wallMs = performance.now() - start;
    hostAfter = threadCpuUs();
    cpuAfter = workerCpuMs();
  });
  return {
    wallMs: wallMs / steps,
    dispatches: dispatches / steps,
    ...(cpuBefore !== undefined && cpuAfter !== undefined && { cpuMs: (cpuAfter - cpuBefore) / steps }),
    ...(gpuMs !== undefined && dispatches > 0 && { gpuMs: gpuMs / steps }),
    ...(hostBefore !== undefined && hostAfter !== undefined && { hostMs: (hostAfter - hostBefore) / 1e3 / steps }),
    ...(submits.length > 0 && { submits }),
  };
}

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export type Clock = 'wallMs' | 'cpuMs' | 'gpuMs';

/** Median of a case by a clock; undefined where it has no sample by it. */
export function medianOf(samples: Samples, name: string, clock: Clock | 'hostMs'): number | undefined {
  const values = (samples[name] ?? []).map((sample) => sample[clock]).filter((value) => value !== undefined);
  return values.length > 0 ? median(values) : undefined;
}
