/**
 * The variants of one call in turn, round after round, each by its fastest round: what else a machine does only ever adds.
 * By CPU time of the adapter's threads, where the system tells and the adapter is software; else by the device's clock.
 */
import { kernels as all } from '@circuit-tuning/kernels-wgsl';
import type { Gpu } from '@circuit-tuning/testkit';
import { workerCpuMs } from '../device/workerCpu.js';
import type { Work } from '../kernels/work.js';
import { chosenFor } from '../kernels/chosen.js';
import { openPass, repeatsFor, type OpenPass } from '../kernels/measure.js';

const unmeasured = all.map((kernel) => ({ ...kernel, timings: [] }));

/** A variant that takes so many times as long as another is not run again. */
export const HOPELESS = 3;

/** Milliseconds of one run. */
export interface Lap {
  /** By the clock that decides. */
  readonly ms: number;
  /** By the device's clock, which also sees cores that idle. */
  readonly deviceMs: number;
  /** From nothing to the first run: mostly the compiler. */
  readonly openMs: number;
}

export interface Raced {
  /** By the name of the kernel. */
  readonly laps: Readonly<Record<string, Lap>>;
  /** The kernel that is taken where nothing was measured. */
  readonly byRule: string | undefined;
}

interface Runner {
  readonly pass: OpenPass;
  lap: Lap;
}

export async function race(gpu: Gpu, call: Work, rounds: number, hopeless: ReadonlySet<string>): Promise<Raced> {
  const { op, pass, case: aCase } = call;
  const byRule = chosenFor(gpu, unmeasured, call);
  const cpu = gpu.info.isSoftware ? workerCpuMs : () => undefined;
  /** Of what `body` does: CPU time, and where there is none, what `body` says. */
  const clocked = async (body: () => Promise<number>): Promise<{ ms: number; deviceMs: number }> => {
    const before = cpu();
    const deviceMs = await body();
    const after = cpu();
    return { ms: before === undefined || after === undefined ? deviceMs : after - before, deviceMs };
  };
  const runners = new Map<string, Runner>();
  // Times decide nothing about what rounds to f16.
  for (const kernel of all.filter(({ op: { name }, isHalf }) => name === op && !isHalf)) {
    if (hopeless.has(kernel.name) && kernel.name !== byRule) continue;
    let opened: OpenPass | undefined;
    const { ms: openMs } = await clocked(async () => {
      const start = performance.now();
      opened = await openPass(gpu, all, kernel, aCase, pass);
      return performance.now() - start;
    });
    if (!opened) continue;
    const { time } = opened;
    runners.set(kernel.name, { pass: opened, lap: { ...(await clocked(() => time(1))), openMs } });
  }
  for (let round = 0; round < rounds; round++) {
    const fastest = Math.min(...[...runners.values()].map(({ lap }) => lap.ms));
    for (const runner of runners.values()) {
      const { lap } = runner;
      if (lap.ms > HOPELESS * fastest) continue;
      const repeats = repeatsFor(lap.ms);
      const { ms, deviceMs } = await clocked(() => runner.pass.time(repeats));
      runner.lap = {
        ...lap,
        ms: Math.min(lap.ms, ms / repeats),
        deviceMs: Math.min(lap.deviceMs, deviceMs / repeats),
      };
    }
  }
  for (const runner of runners.values()) runner.pass.dispose();
  return { laps: Object.fromEntries([...runners].map(([name, { lap }]) => [name, rounded(lap)])), byRule };
}

const digits = (value: number): number => Number(value.toPrecision(3));
const rounded = ({ ms, deviceMs, openMs }: Lap): Lap => ({
  ms: digits(ms),
  deviceMs: digits(deviceMs),
  openMs: digits(openMs),
});
