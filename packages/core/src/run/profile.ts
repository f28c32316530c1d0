/**
 * Where the time of a session goes: by phase on the host's clock, by kernel on the device's. A collector that is handed to
 * a Session; without one nothing is measured. What it is not: a benchmark. Dispatches that are timed run one by one.
 */
import type { Dispatch } from '../plan/plan.js';

/** What a stretch of time is for; `other` is what no phase claims: reading files, choosing edges, writing the record. */
export type Phase = 'load' | 'compile' | 'search' | 'step' | 'measure' | 'generate' | 'other';

export interface PhaseTime {
  readonly phase: Phase;
  /** Wall time in milliseconds, without that of phases inside of it. */
  readonly ms: number;
  /** Of it, waiting for the device. */
  readonly wait_ms: number;
  /** Of it, not waiting: JavaScript, the driver's calls, files. */
  readonly host_ms: number;
  /** On the device's own clock, where it has timestamp queries. */
  readonly device_ms?: number;
  /** Runs of a program, and the dispatches in them. */
  readonly runs: number;
  readonly dispatches: number;
}

export interface KernelTime {
  readonly kernel: string;
  readonly entry: string;
  readonly phase: Phase;
  readonly dispatches: number;
  /** Absent where the device has no timestamp queries. */
  readonly device_ms?: number;
  /** Operations of the forward pass, told once a call, at its first entry point; 0 where the kernel does not count them. */
  readonly flops: number;
}

export interface Profile {
  /** From the collector's making to now: the sum over phases. */
  readonly ms: number;
  /** False where dispatches could only be counted. */
  readonly has_timestamps: boolean;
  /** Longest first. */
  readonly phases: readonly PhaseTime[];
  /** Longest first; most dispatches first where there are no times. */
  readonly kernels: readonly KernelTime[];
}

/** What a program tells of one run. */
export interface RunTimes {
  readonly dispatches: readonly Dispatch[];
  /** When the last of them was on its way to the device. */
  readonly sent: number;
  readonly deviceMs: Float64Array | undefined;
}

type Open<T> = { -readonly [key in keyof T]: T[key] };
interface PhaseSum extends Open<Pick<PhaseTime, 'ms' | 'wait_ms' | 'runs' | 'dispatches'>> {
  deviceMs: number;
}
interface KernelSum extends Open<Pick<KernelTime, 'kernel' | 'entry' | 'phase' | 'dispatches' | 'flops'>> {
  deviceMs: number;
}

export class Profiler {
  readonly #now: () => number;
  readonly #begun: number;
  readonly #phases = new Map<Phase, PhaseSum>();
  readonly #kernels = new Map<string, KernelSum>();
  /** Phases that are open, the innermost last. */
  readonly #open: Phase[] = ['other'];
  /** When the innermost phase was entered, or came back. */
  #since: number;
  #isTimed = false;

  /** `now` in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#begun = this.#since = now();
  }

  get now(): number {
    return this.#now();
  }

  /** Time until `work` is done belongs to `phase`, except what phases inside of it claim. */
  async during<T>(phase: Phase, work: () => Promise<T>): Promise<T> {
    this.#settle();
    this.#open.push(phase);
    try {
      return await work();
    } finally {
      this.#settle();
      this.#open.pop();
    }
  }

  /** The device was waited for since `sent`. */
  waited(sent: number): void {
    this.#phase(this.#open.at(-1)!).wait_ms += this.#now() - sent;
  }

  /** A run that is over, and was waited for. */
  ran({ dispatches, sent, deviceMs }: RunTimes): void {
    this.waited(sent);
    const phase = this.#open.at(-1)!;
    const sum = this.#phase(phase);
    sum.runs++;
    sum.dispatches += dispatches.length;
    this.#isTimed ||= deviceMs !== undefined;
    for (const [i, { kernel, entry, flops }] of dispatches.entries()) {
      const key = `${phase} ${kernel} ${entry}`;
      let times = this.#kernels.get(key);
      if (!times) this.#kernels.set(key, (times = { kernel, entry, phase, dispatches: 0, flops: 0, deviceMs: 0 }));
      times.dispatches++;
      times.flops += flops;
      times.deviceMs += deviceMs?.[i] ?? 0;
      sum.deviceMs += deviceMs?.[i] ?? 0;
    }
  }

  report(): Profile {
    this.#settle();
    const device = (ms: number) => this.#isTimed && { device_ms: ms };
    const phases = [...this.#phases].map(([phase, { deviceMs, ...sum }]) => {
      return { phase, ...sum, host_ms: sum.ms - sum.wait_ms, ...device(deviceMs) };
    });
    const kernels = [...this.#kernels.values()].map(({ deviceMs, ...sum }) => ({ ...sum, ...device(deviceMs) }));
    const cost = (times: KernelTime): number => times.device_ms ?? times.dispatches;
    return {
      ms: this.#since - this.#begun,
      has_timestamps: this.#isTimed,
      phases: phases.toSorted((a, b) => b.ms - a.ms),
      kernels: kernels.toSorted((a, b) => cost(b) - cost(a)),
    };
  }

  /** Gives the time since the last call to the innermost phase. */
  #settle(): void {
    const now = this.#now();
    this.#phase(this.#open.at(-1)!).ms += now - this.#since;
    this.#since = now;
  }

  #phase(phase: Phase): PhaseSum {
    let sum = this.#phases.get(phase);
    if (!sum) this.#phases.set(phase, (sum = { ms: 0, wait_ms: 0, runs: 0, dispatches: 0, deviceMs: 0 }));
    return sum;
  }
}
