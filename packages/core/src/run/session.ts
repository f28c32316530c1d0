/**
 * Everything the project keeps on a device: named buffers (params and states), pipelines, and the slots that plans share.
 * A program is a plan bound to a session: built once, replayed with new inputs.
 */
import { LimitError, ShapeError } from '../errors.js';
import type { Graph, Value } from '../graph/graph.js';
import type { Capabilities, Kernel } from '../kernel.js';
import type { Forced } from '../plan/choose.js';
import { plan, type Dispatch, type Place, type Plan } from '../plan/plan.js';
import { capabilitiesOf, type DeviceFacts } from './capabilities.js';
import { Pipelines } from './pipelines.js';

/** Dispatches per submit: bounded, so that a page stays alive and a watchdog stays quiet on slow adapters. */
const DISPATCHES_PER_SUBMIT = 64;

export type Upload = Float32Array | Uint32Array;
export type Fetched = Record<string, Float32Array<ArrayBuffer>>;

export interface SessionOptions extends DeviceFacts {
  device: GPUDevice;
  kernels: readonly Kernel[];
  forced?: Forced;
}

export class Session {
  readonly device: GPUDevice;
  readonly capabilities: Capabilities;
  readonly #kernels: readonly Kernel[];
  readonly #forced: Forced;
  readonly #pipelines: Pipelines;
  readonly #named = new Map<string, GPUBuffer>();
  #pool: GPUBuffer[] = [];
  #failure: Error | undefined;

  constructor({ device, kernels, forced = {}, ...facts }: SessionOptions) {
    this.device = device;
    this.#kernels = kernels;
    this.#forced = forced;
    this.capabilities = capabilitiesOf(device, facts);
    this.#pipelines = new Pipelines(device, kernels);
    device.addEventListener('uncapturederror', (event) => (this.#failure ??= new Error(event.error.message)));
    void device.lost.then(({ message, reason }) => {
      if (reason !== 'destroyed') this.#failure ??= new Error(`the device was lost: ${message}`);
    });
  }

  /** Bytes held on the device for params, states and shared slots. */
  get bytes(): number {
    return [...this.#named.values(), ...this.#pool].reduce((sum, buffer) => sum + buffer.size, 0);
  }

  has(name: string): boolean {
    return this.#named.has(name);
  }

  /** Creates or overwrites the named buffer. */
  write(name: string, data: Upload): void {
    let buffer = this.#named.get(name);
    if (buffer && buffer.size !== Math.max(4, data.byteLength)) {
      buffer.destroy();
      buffer = undefined;
    }
    buffer ??= this.#create(name, data.byteLength);
    this.device.queue.writeBuffer(buffer, 0, data as Upload & ArrayBufferView<ArrayBuffer>);
  }

  /** Fills the named buffer with zeros, if it exists. */
  clear(name: string): void {
    const buffer = this.#named.get(name);
    if (!buffer) return;
    const encoder = this.device.createCommandEncoder();
    encoder.clearBuffer(buffer);
    this.device.queue.submit([encoder.finish()]);
  }

  delete(name: string): void {
    this.#named.get(name)?.destroy();
    this.#named.delete(name);
  }

  async read(name: string): Promise<Float32Array<ArrayBuffer>> {
    const buffer = this.#named.get(name);
    if (!buffer) throw new Error(`session.read: nothing is kept under '${name}'`);
    const staging = this.device.createBuffer({ size: buffer.size, usage: STAGING });
    const encoder = this.device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
    this.device.queue.submit([encoder.finish()]);
    await staging.mapAsync(MAP_READ);
    const data = new Float32Array(staging.getMappedRange().slice(0) as ArrayBuffer);
    staging.destroy();
    this.check();
    return data;
  }

  /** Plans a graph and builds what replaying it needs. */
  async compile(graph: Graph, fetch: Readonly<Record<string, Value>> = {}): Promise<Program> {
    const ready = plan(graph, { kernels: this.#kernels, capabilities: this.capabilities, fetch, forced: this.#forced });
    for (const leaf of ready.leaves) {
      if (leaf.kind === 'param' && !this.#named.has(leaf.name))
        throw new ShapeError({
          where: `session.compile: ${leaf.name}`,
          rule: 'a parameter must be written to the session before it is used',
          got: 'nothing',
          cure: 'Load the model first.',
        });
      if (leaf.kind === 'state' && !this.#named.has(leaf.name)) this.#create(leaf.name, leaf.bytes);
    }
    const slots = this.#takeSlots(ready.slots);
    this.device.pushErrorScope('validation');
    const program = new Program(this, ready, await this.#pipelines.of(ready.dispatches), (place, inputs) =>
      'slot' in place ? slots[place.slot]! : (inputs.get(place.leaf) ?? this.#named.get(place.leaf)!),
    );
    const invalid = await this.device.popErrorScope();
    if (invalid) throw new Error(`session.compile: the device refused the plan: ${invalid.message}`);
    this.check();
    return program;
  }

  /** @throws what the device reported since the last call: a lost device, memory that ran out. */
  check(): void {
    if (!this.#failure) return;
    const failure = this.#failure;
    this.#failure = undefined;
    throw failure;
  }

  dispose(): void {
    for (const buffer of [...this.#named.values(), ...this.#pool]) buffer.destroy();
    this.#named.clear();
    this.#pool = [];
  }

  #create(name: string, bytes: number): GPUBuffer {
    const { maxBufferSize } = this.device.limits;
    if (bytes > maxBufferSize)
      throw new LimitError({
        where: name,
        rule: `a buffer must be at most ${maxBufferSize} bytes on this adapter`,
        got: bytes,
        cure: 'Take a smaller model, or an adapter with larger limits (circuit-tuning doctor lists them)',
      });
    const buffer = this.device.createBuffer({ label: name, size: Math.max(4, bytes), usage: STORAGE });
    this.#named.set(name, buffer);
    return buffer;
  }

  /** Programs of one session run one after the other, so their temporaries may share memory. */
  #takeSlots(sizes: readonly number[]): GPUBuffer[] {
    const order = sizes.map((_, slot) => slot).toSorted((a, b) => sizes[b]! - sizes[a]! || a - b);
    const free = this.#pool.toSorted((a, b) => a.size - b.size);
    const taken: GPUBuffer[] = [];
    for (const slot of order) {
      // The smallest that holds it; nothing above twice the size, or small plans would hold large buffers for nothing.
      const at = free.findIndex((buffer) => buffer.size >= sizes[slot]! && buffer.size <= 2 * sizes[slot]!);
      if (at >= 0) taken[slot] = free.splice(at, 1)[0]!;
      else {
        const buffer = this.device.createBuffer({
          label: `slot ${this.#pool.length}`,
          size: sizes[slot]!,
          usage: STORAGE,
        });
        this.#pool.push(buffer);
        taken[slot] = buffer;
      }
    }
    return taken;
  }
}

// WebGPU's flags as numbers: GPUBufferUsage is a global that a Node host may set only after this module was loaded.
const STORAGE = 0x80 | 0x8 | 0x4; // STORAGE | COPY_DST | COPY_SRC
const STAGING = 0x1 | 0x8; // MAP_READ | COPY_DST
const UNIFORM = 0x40 | 0x8; // UNIFORM | COPY_DST
const QUERIES = 0x200 | 0x4 | 0x8; // QUERY_RESOLVE | COPY_SRC | COPY_DST
const MAP_READ = 0x1;

type Locate = (place: Place, inputs: ReadonlyMap<string, GPUBuffer>) => GPUBuffer;

interface Step {
  dispatch: Dispatch;
  pipeline: GPUComputePipeline;
  group: GPUBindGroup;
}

export class Program {
  readonly plan: Plan;
  readonly #session: Session;
  readonly #inputs = new Map<string, GPUBuffer>();
  readonly #steps: Step[];
  readonly #params: GPUBuffer;
  readonly #staging: GPUBuffer | undefined;
  readonly #locate: (place: Place) => GPUBuffer;

  constructor(session: Session, ready: Plan, pipelines: readonly GPUComputePipeline[], locate: Locate) {
    const { device } = session;
    this.plan = ready;
    this.#session = session;
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

  /** Uploads the inputs, replays the plan, and returns what it fetches. One run at a time. */
  async run(inputs: Readonly<Record<string, Upload>>): Promise<Fetched> {
    this.submit(inputs);
    if (!this.#staging) {
      this.#session.check();
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
    this.#session.check();
    return fetched;
  }

  submit(inputs: Readonly<Record<string, Upload>>): void {
    const { device } = this.#session;
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
    for (let start = 0; start < this.#steps.length; start += DISPATCHES_PER_SUBMIT) {
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
    if (!this.#staging) return;
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
    const { device } = this.#session;
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
    for (const buffer of [resolved, staging]) buffer.destroy();
    queries.destroy();
    this.#session.check();
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
