/**
 * Everything the project keeps on a device: named buffers (params and states), pipelines, and the slots that plans share.
 * A program is a plan bound to a session: built once, replayed with new inputs.
 */
import { ConfigError, LimitError, ShapeError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import type { Capabilities, Kernel } from '../kernel.js';
import type { Forced } from '../plan/choose.js';
import { plan, type Handed } from '../plan/plan.js';
import { capabilitiesOf, type DeviceFacts } from './capabilities.js';
import { Pipelines } from './pipelines.js';
import type { Phase, Profiler } from './profile.js';
import { Program, type Located, type Upload } from './program.js';
import { MAP_READ, STAGING, STORAGE } from './usage.js';

export interface SessionOptions extends DeviceFacts {
  device: GPUDevice;
  kernels: readonly Kernel[];
  forced?: Forced;
  /**
   * Submits of a program that the device may have before it at a time; all unless told. A page sets it, so that what it
   * draws need not wait behind seconds of work, and a run that is stopped has little left to do.
   */
  maxInFlight?: number;
  /** Hears where the time goes. Runs are longer with it: every dispatch is timed by itself, and every run waited for. */
  profiler?: Profiler;
}

/** A named tensor: a buffer of its own, or a part of one. */
interface Held extends Located {
  readonly size: number;
}

/** Parts of a buffer begin at multiples of this: what every WebGPU binds at. */
const PART_BYTES = 256;

export class Session {
  readonly device: GPUDevice;
  readonly capabilities: Capabilities;
  readonly maxInFlight: number | undefined;
  readonly profiler: Profiler | undefined;
  readonly #kernels: readonly Kernel[];
  readonly #forced: Forced;
  readonly #pipelines: Pipelines;
  readonly #named = new Map<string, Held>();
  #pool: GPUBuffer[] = [];
  #failure: Error | undefined;
  /** What the device holds for as long as it is there itself, which may be many sessions: emptied with this one. */
  readonly #heard: { session?: Session } = { session: this };
  readonly #onError = ({ error }: GPUUncapturedErrorEvent): void => void (this.#failure ??= new Error(error.message));

  constructor({ device, kernels, forced = {}, maxInFlight, profiler, ...facts }: SessionOptions) {
    requireInFlight(maxInFlight);
    this.device = device;
    this.maxInFlight = maxInFlight;
    this.profiler = profiler;
    this.#kernels = kernels;
    this.#forced = forced;
    this.capabilities = capabilitiesOf(device, facts);
    this.#pipelines = new Pipelines(device, kernels);
    device.addEventListener('uncapturederror', this.#onError);
    const heard = this.#heard;
    void device.lost.then(({ message, reason }) => {
      if (heard.session && reason !== 'destroyed')
        heard.session.#failure ??= new Error(`the device was lost: ${message}`);
    });
  }

  /** Bytes held on the device for params, states and shared slots. */
  get bytes(): number {
    const named = [...this.#named.values()].map(({ buffer }) => buffer);
    return [...new Set([...named, ...this.#pool])].reduce((sum, buffer) => sum + buffer.size, 0);
  }

  /** Of them, what the programs of the session share. */
  get sharedBytes(): number {
    return this.#pool.reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * Whether a run may be sent while another is still on its way. Not where submits are bounded, for then a run is not all
   * sent at once; nor where somebody profiles, who waits for each.
   */
  get mayBeAhead(): boolean {
    return this.maxInFlight === undefined && !this.profiler;
  }

  /** Does the work; where somebody profiles, its time counts as that phase. */
  during<T>(phase: Phase, work: () => Promise<T>): Promise<T> {
    return this.profiler ? this.profiler.during(phase, work) : work();
  }

  has(name: string): boolean {
    return this.#named.has(name);
  }

  /** Creates or overwrites the named tensor. */
  write(name: string, data: Upload): void {
    const known = this.#named.get(name);
    const size = Math.max(4, data.byteLength);
    if (known && known.size !== known.buffer.size && known.size !== size)
      throw new Error(`session.write: ${name} is part of a buffer and holds ${known.size} bytes, got ${size}`);
    if (known && known.size !== size) this.delete(name);
    const { buffer, offset } = this.#named.get(name) ?? this.#create(name, size);
    this.device.queue.writeBuffer(buffer, offset, data as Upload & ArrayBufferView<ArrayBuffer>);
  }

  /**
   * Makes one buffer for several tensors, that a kernel may update all of them at once. Both the whole and each part have
   * names; parts begin at the byte they are told to, a multiple of 256. What had these names is gone, unless it was the same.
   */
  pack(
    name: string,
    parts: readonly { readonly name: string; readonly offset: number; readonly size: number }[],
  ): void {
    const end = parts.reduce((most, { offset, size }) => Math.max(most, offset + size), 4);
    const known = this.#named.get(name);
    const isSame = (part: (typeof parts)[number]): boolean => {
      const held = this.#named.get(part.name);
      return held?.buffer === known?.buffer && held?.offset === part.offset && held.size === part.size;
    };
    if (known?.size === end && parts.every(isSame)) return;
    for (const each of [name, ...parts.map((part) => part.name)]) this.delete(each);
    const { buffer } = this.#create(name, end);
    for (const { name: part, offset, size } of parts) {
      if (offset % PART_BYTES !== 0) throw new Error(`session.pack: ${part} begins at ${offset}`);
      this.#named.set(part, { buffer, offset, size });
    }
  }

  /** Sees to it that the named tensor holds at least so many bytes; what it held stays, and zeros follow. */
  grow(name: string, bytes: number): void {
    const known = this.#named.get(name);
    if (known && known.size >= bytes) return;
    const { buffer } = this.#create(name, bytes);
    if (!known) return;
    const encoder = this.device.createCommandEncoder();
    encoder.copyBufferToBuffer(known.buffer, known.offset, buffer, 0, known.size);
    this.device.queue.submit([encoder.finish()]);
    known.buffer.destroy();
  }

  /** Fills the named tensors with zeros; names that do not exist are passed over. */
  clear(...names: string[]): void {
    const encoder = this.device.createCommandEncoder();
    for (const name of names) {
      const held = this.#named.get(name);
      if (held) encoder.clearBuffer(held.buffer, held.offset, held.size);
    }
    this.device.queue.submit([encoder.finish()]);
  }

  /** Forgets the name; the buffer goes with the last of its names. */
  delete(name: string): void {
    const held = this.#named.get(name);
    this.#named.delete(name);
    if (held && ![...this.#named.values()].some(({ buffer }) => buffer === held.buffer)) held.buffer.destroy();
  }

  async read(name: string): Promise<Float32Array<ArrayBuffer>> {
    return (await this.readAll([name])).get(name)!;
  }

  /** Numbers [from, to) of a named tensor. */
  async readPart(name: string, from: number, to: number): Promise<Float32Array<ArrayBuffer>> {
    const { buffer, offset } = this.#get(name);
    const [part] = await this.#fetch([{ buffer, offset: offset + 4 * from, size: 4 * (to - from) }]);
    return part!;
  }

  /** Reads several named tensors in one go: the device is waited for once. */
  async readAll(names: readonly string[]): Promise<Map<string, Float32Array<ArrayBuffer>>> {
    const all = await this.#fetch(names.map((name) => this.#get(name)));
    return new Map(names.map((name, i) => [name, all[i]!]));
  }

  #get(name: string): Held {
    const held = this.#named.get(name);
    if (!held) throw new Error(`session.read: nothing is kept under '${name}'`);
    return held;
  }

  async #fetch(parts: readonly Held[]): Promise<Float32Array<ArrayBuffer>[]> {
    const total = parts.reduce((sum, { size }) => sum + size, 0);
    const staging = this.device.createBuffer({ size: Math.max(4, total), usage: STAGING });
    const encoder = this.device.createCommandEncoder();
    let at = 0;
    for (const { buffer, offset, size } of parts) {
      encoder.copyBufferToBuffer(buffer, offset, staging, at, size);
      at += size;
    }
    this.device.queue.submit([encoder.finish()]);
    const sent = this.profiler?.now;
    try {
      await staging.mapAsync(MAP_READ);
      if (sent !== undefined) this.profiler?.waited(sent);
      const all = staging.getMappedRange();
      at = 0;
      const data = parts.map(({ size }) => new Float32Array(all.slice(at, (at += size)) as ArrayBuffer));
      this.check();
      return data;
    } finally {
      staging.destroy();
    }
  }

  /** Plans a graph and builds what replaying it needs. */
  compile(graph: Graph, fetch: Readonly<Record<string, Value>> = {}, handed: Handed = {}): Promise<Program> {
    return this.during('compile', () => this.#compile(graph, fetch, handed));
  }

  async #compile(graph: Graph, fetch: Readonly<Record<string, Value>>, handed: Handed): Promise<Program> {
    const given = new Set(handed.given?.values());
    const ready = plan(graph, {
      kernels: this.#kernels,
      capabilities: this.capabilities,
      fetch,
      forced: this.#forced,
      ...handed,
    });
    for (const leaf of ready.leaves) {
      if (leaf.kind === 'param' && !this.#named.has(leaf.name))
        throw new ShapeError({
          where: `session.compile: ${leaf.name}`,
          rule: 'a parameter must be written to the session before it is used',
          got: 'nothing',
          cure: 'Load the model first.',
        });
      if (given.has(leaf.name) && !this.#named.has(leaf.name))
        throw new Error(`session.compile: nothing has kept ${leaf.name}`);
      if (leaf.kind === 'state') this.grow(leaf.name, leaf.bytes);
    }
    const slots = this.#takeSlots(ready.slots);
    this.device.pushErrorScope('validation');
    const program = new Program(this, ready, await this.#pipelines.of(ready.dispatches), (place) =>
      'slot' in place ? { buffer: slots[place.slot]!, offset: 0 } : this.#named.get(place.leaf)!,
    );
    const invalid = await this.device.popErrorScope();
    if (invalid) throw new Error(`session.compile: the device refused the plan: ${invalid.message}`);
    this.check();
    return program;
  }

  /** Whether a program still finds what it was compiled for: a tensor that grew or was made anew lies elsewhere. */
  isCurrent(program: Program): boolean {
    return program.isBoundTo((place) => ('leaf' in place ? this.#named.get(place.leaf) : undefined));
  }

  /** @throws what the device reported since the last call: a lost device, memory that ran out. */
  check(): void {
    if (!this.#failure) return;
    const failure = this.#failure;
    this.#failure = undefined;
    throw failure;
  }

  /** Gives back all memory. The device stays: it belongs to whoever handed it in. */
  dispose(): void {
    delete this.#heard.session;
    this.device.removeEventListener('uncapturederror', this.#onError);
    for (const { buffer } of this.#named.values()) buffer.destroy();
    for (const buffer of this.#pool) buffer.destroy();
    this.#named.clear();
    this.#pool = [];
  }

  #create(name: string, bytes: number): Held {
    const { maxBufferSize } = this.device.limits;
    if (bytes > maxBufferSize)
      throw new LimitError({
        where: name,
        rule: `a buffer must be at most ${maxBufferSize} bytes on this adapter`,
        got: bytes,
        cure: 'Take a smaller model, or an adapter with larger limits (circuit-tuning doctor lists them)',
      });
    const size = Math.max(4, bytes);
    const held = { buffer: this.device.createBuffer({ label: name, size, usage: STORAGE }), offset: 0, size };
    this.#named.set(name, held);
    return held;
  }

  /** Programs of one session run one after the other, so their temporaries may share memory. */
  #takeSlots(sizes: readonly number[]): GPUBuffer[] {
    const order = sizes.map((_, slot) => slot).toSorted((a, b) => sizes[b]! - sizes[a]! || a - b);
    const free = this.#pool.toSorted((a, b) => a.size - b.size);
    const taken: GPUBuffer[] = [];
    for (const slot of order) {
      // The smallest that holds it, however large: a plan has a handful of slots, and what this one leaves none needs more.
      const at = free.findIndex((buffer) => buffer.size >= sizes[slot]!);
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

function requireInFlight(submits: number | undefined): void {
  if (submits === undefined || (Number.isInteger(submits) && submits >= 1)) return;
  throw new ConfigError({
    where: 'session: maxInFlight',
    rule: 'must be a whole number from 1',
    got: submits,
    cure: 'Leave it out for no bound',
  });
}
