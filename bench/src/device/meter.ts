/**
 * What a device is asked to do, measured from outside: host time and dispatches of each submit, GPU time of each pass by
 * timestamp queries, and the bytes of all buffers that are alive. It wraps methods of the device it is given, so it sees
 * every library that runs on that device, and what it measures needs no hook of its own.
 */
import { Queries } from './queries.js';
import { threadCpuUs } from './threadClock.js';

/** What the host did from the making of an encoder until its commands were submitted. */
export interface Submitted {
  readonly dispatches: number;
  readonly wallUs: number;
  /** CPU time of the thread, where the system tells. */
  readonly cpuUs?: number;
}

export interface Metered {
  /** Σ over passes; undefined where the device has no timestamp queries. */
  readonly gpuMs: number | undefined;
  readonly dispatches: number;
  /** Those that have work. */
  readonly submits: readonly Submitted[];
}

/** One dispatch, by the label of its pipeline. */
export interface Timed {
  readonly label: string;
  readonly ms: number;
}

interface Recording {
  readonly submits: Submitted[];
  readonly queries: Queries | undefined;
  readonly labels: string[] | undefined;
}

export class Meter {
  readonly #device: GPUDevice;
  readonly #restore: (() => void)[] = [];
  #recording: Recording | undefined;
  #bytes = 0;
  #peak = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
    this.#watchBuffers();
    this.#watchSubmits();
  }

  /** Bytes of the buffers made and not destroyed since the meter is there. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The most since `resetPeak`. */
  get peakBytes(): number {
    return this.#peak;
  }

  resetPeak(): void {
    this.#peak = this.#bytes;
  }

  /** Runs `body`, which must have waited for the device when it returns. */
  async measure(body: () => Promise<void>): Promise<Metered> {
    const { submits, queries } = await this.#record(body, false);
    const gpuMs = queries && (await queries.read()).reduce((sum, ms) => sum + ms, 0);
    const working = submits.filter((submit) => submit.dispatches > 0);
    return { gpuMs, submits: working, dispatches: working.reduce((sum, submit) => sum + submit.dispatches, 0) };
  }

  /**
   * Each dispatch in a pass of its own, in order: longer than a run, but true in proportion. Empty without timestamp queries.
   */
  async timeEach(body: () => Promise<void>): Promise<Timed[]> {
    const { queries, labels } = await this.#record(body, true);
    return ((await queries?.read()) ?? []).map((ms, i) => ({ label: labels![i]!, ms }));
  }

  /** Gives the device its own methods back. */
  dispose(): void {
    for (const restore of this.#restore) restore();
  }

  async #record(body: () => Promise<void>, isSplit: boolean): Promise<Recording> {
    const queries = this.#device.features.has('timestamp-query') ? new Queries(this.#device) : undefined;
    const recording = { submits: [], queries, labels: isSplit ? [] : undefined };
    this.#recording = recording;
    try {
      await body();
    } finally {
      this.#recording = undefined;
    }
    return recording;
  }

  #watchBuffers(): void {
    this.#wrap(this.#device, 'createBuffer', (create) => (descriptor) => {
      const buffer = create(descriptor);
      const { size } = buffer;
      let isThere = true;
      this.#bytes += size;
      this.#peak = Math.max(this.#peak, this.#bytes);
      const destroy = buffer.destroy.bind(buffer);
      buffer.destroy = () => {
        if (isThere) this.#bytes -= size;
        isThere = false;
        return destroy();
      };
      return buffer;
    });
  }

  #watchSubmits(): void {
    /** Of command buffers that are on their way. */
    const started = new WeakMap<GPUCommandBuffer, { wall: number; cpu: number | undefined; dispatches: number }>();
    this.#wrap(this.#device, 'createCommandEncoder', (create) => (descriptor) => {
      const recording = this.#recording;
      if (!recording) return create(descriptor);
      const work = { wall: performance.now(), cpu: threadCpuUs(), dispatches: 0 };
      const encoder = create(descriptor);
      const begin = encoder.beginComputePass.bind(encoder);
      const finish = encoder.finish.bind(encoder);
      const count = (): void => void work.dispatches++;
      encoder.beginComputePass = (asked) =>
        recording.labels ? splitPass(begin, recording, count) : wholePass(begin, asked, recording, count);
      encoder.finish = (last) => {
        const commands = finish(last);
        started.set(commands, work);
        return commands;
      };
      return encoder;
    });
    this.#wrap(this.#device.queue, 'submit', (submit) => (buffers) => {
      const all = [...buffers];
      const done = submit(all);
      const [wall, cpu] = [performance.now(), threadCpuUs()];
      for (const commands of all) {
        const work = started.get(commands);
        if (!work) continue;
        const { dispatches, wall: began, cpu: cpuBegan } = work;
        const cpuUs = cpu === undefined || cpuBegan === undefined ? {} : { cpuUs: cpu - cpuBegan };
        this.#recording?.submits.push({ dispatches, wallUs: 1e3 * (wall - began), ...cpuUs });
      }
      return done;
    });
  }

  #wrap<O extends object, K extends keyof O>(owner: O, name: K, wrapped: (original: O[K]) => O[K]): void {
    const original = owner[name] as (...args: unknown[]) => unknown;
    owner[name] = wrapped(original.bind(owner) as O[K]);
    // what is put on the object hides the method of its prototype
    this.#restore.push(() => void delete owner[name]);
  }
}

type Begin = (descriptor?: GPUComputePassDescriptor) => GPUComputePassEncoder;

function wholePass(
  begin: Begin,
  asked: GPUComputePassDescriptor | undefined,
  { queries }: Recording,
  count: () => void,
): GPUComputePassEncoder {
  const timestampWrites = asked?.timestampWrites ?? queries?.next();
  const pass = begin(timestampWrites ? { ...asked, timestampWrites } : asked);
  const dispatch = pass.dispatchWorkgroups.bind(pass);
  pass.dispatchWorkgroups = (x, y, z) => {
    count();
    return dispatch(x, y, z);
  };
  return pass;
}

/** Stands in for a pass, and gives every dispatch a real one. */
function splitPass(begin: Begin, { queries, labels }: Recording, count: () => void): GPUComputePassEncoder {
  let pipeline: GPUComputePipeline | undefined;
  const groups = new Map<number, GPUBindGroup>();
  const pass = {
    setPipeline: (next: GPUComputePipeline) => void (pipeline = next),
    setBindGroup: (index: number, group: GPUBindGroup) => void groups.set(index, group),
    dispatchWorkgroups(x: number, y?: number, z?: number) {
      count();
      const timestampWrites = queries?.next();
      labels!.push(pipeline!.label);
      const real = begin(timestampWrites && { timestampWrites });
      real.setPipeline(pipeline!);
      for (const [index, group] of groups) real.setBindGroup(index, group);
      real.dispatchWorkgroups(x, y, z);
      real.end();
    },
    end() {},
  };
  // only what a program of ours calls
  return pass as unknown as GPUComputePassEncoder;
}
