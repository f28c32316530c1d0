/** A plan bound to buffers and pipelines: replayed with new inputs as often as wanted. */
import { LimitError, ShapeError } from '../errors.js';
import type { Dispatch, Place, Plan } from '../plan/plan.js';
import { MAP_READ, QUERIES, STAGING, STORAGE, UNIFORM } from './usage.js';

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
    const { queue } = this.#host.device;
    const { maxInFlight } = this.#host;
    this.#upload(inputs);
    const flying: Promise<undefined>[] = [];
    for (let start = 0; start < this.#steps.length; start += DISPATCHES_PER_SUBMIT) {
      this.#submit(start);
      if (maxInFlight === undefined) continue;
      // that the device was lost is told below
      flying.push(queue.onSubmittedWorkDone().catch(() => undefined));
      // the oldest, so that the device always has a next one
      if (flying.length >= maxInFlight) await flying.shift();
    }
    this.#copyFetched();
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

  /** The next bounded number of dispatches. */
  #submit(start: number): void {
    const { device } = this.#host;
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const { dispatch, pipeline, group } of this.#steps.slice(start, start + DISPATCHES_PER_SUBMIT)) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(...dispatch.grid);
    }
    pass.end();
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
    const { device } = this.#host;
    if (!device.features.has('timestamp-query'))
      throw new LimitError({
        where: 'program.profile',
        rule: 'the device must have timestamp-query',
        got: 'a device without',
        cure: 'Time whole runs instead, or ask the adapter for the feature',
      });
    await this.run(inputs);
    const count = 2 * this.#steps.length;
    const times: { dispatch: Dispatch; ms: number }[] = [];
    const pairs: GPUBuffer[] = [];
    const queries = device.createQuerySet({ type: 'timestamp', count: 2 });
    const resolved = device.createBuffer({ size: 8 * count, usage: QUERIES });
    const encoder = device.createCommandEncoder();
    for (const [i, { dispatch, pipeline, group }] of this.#steps.entries()) {
      const pass = encoder.beginComputePass({
        timestampWrites: { querySet: queries, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 },
      });
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(...dispatch.grid);
      pass.end();
      // A resolve starts at a multiple of 256 bytes, so each pair goes through a scratch buffer.
      const pair = device.createBuffer({ size: 16, usage: QUERIES });
      pairs.push(pair);
      encoder.resolveQuerySet(queries, 0, 2, pair, 0);
      encoder.copyBufferToBuffer(pair, 0, resolved, 16 * i, 16);
      times.push({ dispatch, ms: 0 });
    }
    device.queue.submit([encoder.finish()]);
    const staging = device.createBuffer({ size: 8 * count, usage: STAGING });
    const copy = device.createCommandEncoder();
    copy.copyBufferToBuffer(resolved, 0, staging, 0, 8 * count);
    device.queue.submit([copy.finish()]);
    await staging.mapAsync(MAP_READ);
    const nanoseconds = new BigUint64Array(staging.getMappedRange().slice(0));
    for (const [i, time] of times.entries()) time.ms = Number(nanoseconds[2 * i + 1]! - nanoseconds[2 * i]!) / 1e6;
    for (const buffer of [...pairs, resolved, staging]) buffer.destroy();
    queries.destroy();
    this.#host.check();
    return times;
  }

  dispose(): void {
    for (const buffer of this.#inputs.values()) buffer.destroy();
    this.#params.destroy();
    this.#staging?.destroy();
  }
}

const range = ({ offset, size }: { offset: number; size: number }): { offset: number; size: number } => ({
  offset,
  size,
});
