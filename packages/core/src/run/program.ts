/** A plan bound to buffers and pipelines: replayed with new inputs as often as wanted. */
import { LimitError, ShapeError } from '../errors.js';
import type { Dispatch, Place, Plan } from '../plan/plan.js';
import type { Profiler } from './profile.js';
import { Timestamps } from './timestamps.js';
import { MAP_READ, STAGING, STORAGE, UNIFORM } from './usage.js';

/** Dispatches per submit: bounded, so that a page stays alive and a watchdog stays quiet on slow adapters. */
const DISPATCHES_PER_SUBMIT = 64;

export type Upload = Float32Array | Uint32Array;
export type Fetched = Record<string, Float32Array<ArrayBuffer>>;

/** The buffer behind a place: a slot, an input of this program, or a named buffer of the session. */
export type Locate = (place: Place, inputs: ReadonlyMap<string, GPUBuffer>) => GPUBuffer;

interface Step {
  dispatch: Dispatch;
  pipeline: GPUComputePipeline;
  group: GPUBindGroup;
}

/** What a program needs of the session it was compiled for. */
export interface ProgramHost {
  readonly device: GPUDevice;
  readonly maxInFlight?: number | undefined;
  readonly profiler?: Profiler | undefined;
  /** Throws what the device reported since the last call. */
  check(): void;
}

export class Program {
  readonly plan: Plan;
  readonly #host: ProgramHost;
  readonly #inputs = new Map<string, GPUBuffer>();
  readonly #steps: Step[];
  readonly #params: GPUBuffer;
  readonly #staging: GPUBuffer | undefined;
  readonly #locate: (place: Place) => GPUBuffer;
  #timestamps: Timestamps | undefined;

  constructor(host: ProgramHost, ready: Plan, pipelines: readonly GPUComputePipeline[], locate: Locate) {
    const { device } = host;
    this.plan = ready;
    this.#host = host;
    for (const { name, kind, bytes } of ready.leaves)
      if (kind === 'input') this.#inputs.set(name, device.createBuffer({ label: name, size: bytes, usage: STORAGE }));
    this.#params = device.createBuffer({ label: 'params', size: ready.params.byteLength, usage: UNIFORM });
    device.queue.writeBuffer(this.#params, 0, ready.params);
    this.#locate = (place) => locate(place, this.#inputs);
    this.#steps = ready.dispatches.map((dispatch, i) => ({
      dispatch,
      pipeline: pipelines[i]!,
      group: device.createBindGroup({
        label: dispatch.label,
        layout: pipelines[i]!.getBindGroupLayout(0),
        entries: [
          ...dispatch.bindings.map(({ binding, place, bytes }) => ({
            binding,
            resource: { buffer: this.#locate(place), size: bytes },
          })),
          ...(dispatch.params
            ? [{ binding: dispatch.params.binding, resource: { buffer: this.#params, ...range(dispatch.params) } }]
            : []),
        ],
      }),
    }));
    const bytes = ready.fetches.reduce((sum, fetch) => sum + fetch.bytes, 0);
    if (bytes > 0) this.#staging = device.createBuffer({ label: 'staging', size: bytes, usage: STAGING });
  }

  /**
   * Uploads the inputs, replays the plan, and returns what it fetches. One run at a time, of all programs of a session:
   * they share memory.
   */
  async run(inputs: Readonly<Record<string, Upload>>): Promise<Fetched> {
    const { profiler, device } = this.#host;
    if (!profiler) return this.#replay(inputs);
    const timestamps = this.#timed();
    let sent = 0;
    const fetched = await this.#replay(inputs, timestamps, () => (sent = profiler.now));
    if (!this.#staging) await device.queue.onSubmittedWorkDone();
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
    const { maxInFlight } = this.#host;
    this.#upload(inputs);
    const flying: Promise<undefined>[] = [];
    for (let start = 0; start < this.#steps.length; start += DISPATCHES_PER_SUBMIT) {
      this.#submit(start, timestamps);
      if (maxInFlight === undefined) continue;
      // that the device was lost is told below
      flying.push(queue.onSubmittedWorkDone().catch(() => undefined));
      // the oldest, so that the device always has a next one
      if (flying.length >= maxInFlight) await flying.shift();
    }
    this.#copyFetched();
    onSent();
    if (!this.#staging) {
      this.#host.check();
      return {};
    }
    await this.#staging.mapAsync(MAP_READ);
    const all = this.#staging.getMappedRange();
    const fetched: Fetched = {};
    let offset = 0;
    for (const { name, bytes } of this.plan.fetches) {
      fetched[name] = new Float32Array(all.slice(offset, offset + bytes) as ArrayBuffer);
      offset += bytes;
    }
    this.#staging.unmap();
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

  /** The next bounded number of dispatches; with timestamps each in a pass of its own, else all in one. */
  #submit(start: number, timestamps?: Timestamps): void {
    const { device } = this.#host;
    const encoder = device.createCommandEncoder();
    const steps = this.#steps.slice(start, start + DISPATCHES_PER_SUBMIT);
    let pass = timestamps ? undefined : encoder.beginComputePass();
    for (const [i, { dispatch, pipeline, group }] of steps.entries()) {
      if (timestamps) pass = encoder.beginComputePass({ timestampWrites: timestamps.writes(i) });
      pass!.setPipeline(pipeline);
      pass!.setBindGroup(0, group);
      pass!.dispatchWorkgroups(...dispatch.grid);
      if (timestamps) pass!.end();
    }
    if (timestamps) timestamps.resolve(encoder, start, steps.length);
    else pass!.end();
    device.queue.submit([encoder.finish()]);
  }

  #copyFetched(): void {
    if (!this.#staging) return;
    const { device } = this.#host;
    const encoder = device.createCommandEncoder();
    let offset = 0;
    for (const { place, bytes } of this.plan.fetches) {
      encoder.copyBufferToBuffer(this.#locate(place), 0, this.#staging, offset, bytes);
      offset += bytes;
    }
    device.queue.submit([encoder.finish()]);
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
    return (this.#timestamps ??= Timestamps.of(this.#host.device, this.#steps.length, DISPATCHES_PER_SUBMIT));
  }

  dispose(): void {
    for (const buffer of this.#inputs.values()) buffer.destroy();
    this.#params.destroy();
    this.#staging?.destroy();
    this.#timestamps?.dispose();
  }
}

const range = ({ offset, size }: { offset: number; size: number }): { offset: number; size: number } => ({
  offset,
  size,
});
