/** A plan bound to buffers and pipelines: replayed with new inputs as often as wanted. */
import { LimitError, ShapeError } from '../errors.js';
import type { Dispatch, Place, Plan } from '../plan/plan.js';
import type { Profiler } from './profile.js';
import { mostDispatches, submitsOf, type Submit } from './submits.js';
import { Timestamps } from './timestamps.js';
import { MAP_READ, STAGING, STORAGE, UNIFORM } from './usage.js';

export type Upload = Float32Array | Uint32Array;
export type Fetched = Record<string, Float32Array<ArrayBuffer>>;

/** A buffer, and where in it something begins, in bytes. */
export interface Located {
  readonly buffer: GPUBuffer;
  readonly offset: number;
}

/** What lies behind a place that is no input of the program: a slot, or a named tensor of the session. */
export type Locate = (place: Place) => Located;

interface Step {
  readonly pipeline: GPUComputePipeline;
  /** By the step before, in the same submit. */
  readonly isSet: boolean;
  readonly group: GPUBindGroup;
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** What a program needs of the session it was compiled for. */
export interface ProgramHost {
  readonly device: GPUDevice;
  readonly maxInFlight?: number | undefined;
  readonly profiler?: Profiler | undefined;
  /** Another number when slots lie elsewhere than before. */
  readonly moves: number;
  /** Throws what the device reported since the last call. */
  check(): void;
}

export class Program {
  readonly plan: Plan;
  readonly #host: ProgramHost;
  readonly #inputs = new Map<string, GPUBuffer>();
  readonly #params: GPUBuffer;
  readonly #pipelines: readonly GPUComputePipeline[];
  readonly #submits: readonly Submit[];
  readonly #locate: Locate;
  /** Bytes that a run fetches, and buffers to fetch them through: one for each run that is on its way. */
  readonly #fetched: number;
  readonly #staging: GPUBuffer[] = [];
  /** By name: params and states. */
  readonly #leaves: ReadonlyMap<string, Located>;
  #slots: readonly GPUBuffer[] = [];
  /** Of the host, when slots were last looked up. */
  #moves = -1;
  #steps: readonly Step[] = [];
  #fetches: readonly (Located & { readonly bytes: number })[] = [];
  #timestamps: Timestamps | undefined;

  constructor(host: ProgramHost, ready: Plan, pipelines: readonly GPUComputePipeline[], locate: Locate) {
    const { device } = host;
    this.plan = ready;
    this.#host = host;
    this.#pipelines = pipelines;
    this.#submits = submitsOf(ready.dispatches, host.maxInFlight !== undefined);
    this.#locate = locate;
    for (const { name, kind, bytes } of ready.leaves)
      if (kind === 'input') this.#inputs.set(name, device.createBuffer({ label: name, size: bytes, usage: STORAGE }));
    this.#params = device.createBuffer({ label: 'params', size: ready.params.byteLength, usage: UNIFORM });
    device.queue.writeBuffer(this.#params, 0, ready.params);
    const kept = ready.leaves.filter(({ kind }) => kind !== 'input');
    this.#leaves = new Map(kept.map(({ name }) => [name, locate({ leaf: name })]));
    this.#fetched = ready.fetches.reduce((sum, fetch) => sum + fetch.bytes, 0);
    this.#bind();
  }

  /** Binds all dispatches, unless slots lie where they did. */
  #bind(): void {
    const { device, moves } = this.#host;
    const { slots, dispatches, fetches } = this.plan;
    this.#moves = moves;
    const now = slots.map((_, slot) => this.#locate({ slot }).buffer);
    if (this.#steps.length > 0 && now.every((buffer, slot) => buffer === this.#slots[slot])) return;
    this.#slots = now;
    const at = (place: Place, from: number): Located => {
      const { buffer, offset } = this.#at(place);
      return { buffer, offset: offset + from };
    };
    const layouts = new Map<GPUComputePipeline, GPUBindGroupLayout>();
    const layoutOf = (pipeline: GPUComputePipeline): GPUBindGroupLayout => {
      let layout = layouts.get(pipeline);
      if (!layout) layouts.set(pipeline, (layout = pipeline.getBindGroupLayout(0)));
      return layout;
    };
    const starts = new Set(this.#submits.map(({ start }) => start));
    this.#steps = dispatches.map(({ label, bindings, params, grid: [x, y, z] }, i) => {
      const pipeline = this.#pipelines[i]!;
      const entries: GPUBindGroupEntry[] = bindings.map(({ binding, place, offset, bytes }) => ({
        binding,
        resource: { ...at(place, offset), size: bytes },
      }));
      if (params) {
        const { binding, offset, size } = params;
        entries.push({ binding, resource: { buffer: this.#params, offset, size } });
      }
      const group = device.createBindGroup({ label, layout: layoutOf(pipeline), entries });
      return { pipeline, isSet: !starts.has(i) && this.#pipelines[i - 1] === pipeline, group, x, y, z };
    });
    this.#fetches = fetches.map(({ place, offset, bytes }) => ({ ...at(place, offset), bytes }));
  }

  #at(place: Place): Located {
    if ('slot' in place) return { buffer: this.#slots[place.slot]!, offset: 0 };
    const input = this.#inputs.get(place.leaf);
    return input ? { buffer: input, offset: 0 } : this.#leaves.get(place.leaf)!;
  }

  /** Whether its params and states are still where they were: what was made anew since, elsewhere or larger, it would not find. */
  isBoundTo(locate: (name: string) => Located | undefined): boolean {
    return [...this.#leaves].every(([name, { buffer, offset }]) => {
      const now = locate(name);
      return now?.buffer === buffer && now.offset === offset;
    });
  }

  /**
   * Uploads the inputs, replays the plan, and returns what it fetches. One run at a time, of all programs of a session:
   * they share memory. Where the session may be ahead (`Session.mayBeAhead`), all of a run is sent before this returns, and
   * the next may be sent at once: the device takes them in turn.
   */
  async run(inputs: Readonly<Record<string, Upload>>): Promise<Fetched> {
    const { profiler, device } = this.#host;
    if (!profiler) return this.#replay(inputs);
    const timestamps = this.#timed();
    let sent = 0;
    const fetched = await this.#replay(inputs, timestamps, () => (sent = profiler.now));
    if (this.#fetched === 0) await device.queue.onSubmittedWorkDone();
    const deviceMs = await timestamps?.fetch();
    profiler.ran({ dispatches: this.plan.dispatches, sent, deviceMs });
    return fetched;
  }

  async #replay(
    inputs: Readonly<Record<string, Upload>>,
    timestamps?: Timestamps,
    onSent: () => void = () => {},
  ): Promise<Fetched> {
    const { queue } = this.#host.device;
    const { maxInFlight, moves } = this.#host;
    if (moves !== this.#moves) this.#bind();
    this.#upload(inputs);
    const flying: Promise<undefined>[] = [];
    for (const submit of this.#submits) {
      this.#submit(submit, timestamps);
      if (maxInFlight === undefined) continue;
      // that the device was lost is told below
      flying.push(queue.onSubmittedWorkDone().catch(() => undefined));
      // the oldest, so that the device always has a next one
      if (flying.length >= maxInFlight) await flying.shift();
    }
    const staging = this.#copyFetched();
    onSent();
    if (!staging) {
      this.#host.check();
      return {};
    }
    try {
      await staging.mapAsync(MAP_READ);
    } catch (error) {
      staging.destroy();
      throw error;
    }
    const all = staging.getMappedRange();
    const fetched: Fetched = {};
    let offset = 0;
    for (const { name, bytes } of this.plan.fetches) {
      fetched[name] = new Float32Array(all.slice(offset, offset + bytes) as ArrayBuffer);
      offset += bytes;
    }
    staging.unmap();
    this.#staging.push(staging);
    this.#host.check();
    return fetched;
  }

  #upload(inputs: Readonly<Record<string, Upload>>): void {
    const { device } = this.#host;
    for (const [name, buffer] of this.#inputs) {
      const data = inputs[name];
      if (data === undefined || data.byteLength !== buffer.size)
        throw new ShapeError({
          where: `program.run: input '${name}'`,
          rule: `needs ${buffer.size / 4} elements`,
          got: data === undefined ? 'nothing' : `${data.length}`,
          cure: 'Make the batch with the shapes the program was compiled for',
        });
      device.queue.writeBuffer(buffer, 0, data as Upload & ArrayBufferView<ArrayBuffer>);
    }
  }

  /** With timestamps each dispatch in a pass of its own, else all in one. */
  #submit({ start, end }: Submit, timestamps?: Timestamps): void {
    const { device } = this.#host;
    const encoder = device.createCommandEncoder();
    let pass = timestamps ? undefined : encoder.beginComputePass();
    // The hot loop of the host: nothing is allocated, and no more is called than must be.
    for (let i = start; i < end; i++) {
      const { pipeline, isSet, group, x, y, z } = this.#steps[i]!;
      if (timestamps) pass = encoder.beginComputePass({ timestampWrites: timestamps.writes(i - start) });
      if (timestamps || !isSet) pass!.setPipeline(pipeline);
      pass!.setBindGroup(0, group);
      pass!.dispatchWorkgroups(x, y, z);
      if (timestamps) pass!.end();
    }
    if (timestamps) timestamps.resolve(encoder, start, end - start);
    else pass!.end();
    device.queue.submit([encoder.finish()]);
  }

  #copyFetched(): GPUBuffer | undefined {
    if (this.#fetched === 0) return undefined;
    const { device } = this.#host;
    const size = this.#fetched;
    const staging = this.#staging.pop() ?? device.createBuffer({ label: 'staging', size, usage: STAGING });
    const encoder = device.createCommandEncoder();
    let at = 0;
    for (const { buffer, offset, bytes } of this.#fetches) {
      encoder.copyBufferToBuffer(buffer, offset, staging, at, bytes);
      at += bytes;
    }
    device.queue.submit([encoder.finish()]);
    return staging;
  }

  /**
   * GPU time of each dispatch, in milliseconds, each in a pass of its own: longer than `run`, but true in proportion.
   * @throws where the device has no timestamp queries.
   */
  async profile(inputs: Readonly<Record<string, Upload>>): Promise<{ dispatch: Dispatch; ms: number }[]> {
    const timestamps = this.#timed();
    if (!timestamps)
      throw new LimitError({
        where: 'program.profile',
        rule: 'the device must have timestamp-query',
        got: 'a device without',
        cure: 'Time whole runs instead, or ask the adapter for the feature',
      });
    await this.#replay(inputs, timestamps);
    const ms = await timestamps.fetch();
    return this.plan.dispatches.map((dispatch, i) => ({ dispatch, ms: ms[i]! }));
  }

  /** Undefined where the device has no timestamp queries. */
  #timed(): Timestamps | undefined {
    const { device, maxInFlight } = this.#host;
    return (this.#timestamps ??= Timestamps.of(device, this.#steps.length, mostDispatches(maxInFlight !== undefined)));
  }

  dispose(): void {
    for (const buffer of this.#inputs.values()) buffer.destroy();
    this.#params.destroy();
    for (const buffer of this.#staging) buffer.destroy();
    this.#timestamps?.dispose();
  }
}
