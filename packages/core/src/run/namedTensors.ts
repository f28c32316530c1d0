/** Tensors that a device keeps under names: each a buffer of its own, or a part of one. */
import { LimitError } from '../errors.js';
import type { DeviceErrors } from './deviceErrors.js';
import type { Profiler } from './profile.js';
import type { Located, Upload } from './program.js';
import { MAP_READ, STAGING, STORAGE } from './usage.js';

interface Held extends Located {
  readonly size: number;
}

/** Parts of a buffer begin at multiples of this: what every WebGPU binds at. */
const PART_BYTES = 256;

export class NamedTensors {
  readonly device: GPUDevice;
  /** Hears how long the host waits for what it reads. */
  readonly profiler: Profiler | undefined;
  readonly #errors: DeviceErrors;
  readonly #named = new Map<string, Held>();

  constructor(device: GPUDevice, errors: DeviceErrors, profiler: Profiler | undefined) {
    this.device = device;
    this.profiler = profiler;
    this.#errors = errors;
  }

  /** Bytes held for all of them. */
  get bytes(): number {
    const buffers = new Set([...this.#named.values()].map(({ buffer }) => buffer));
    return [...buffers].reduce((sum, { size }) => sum + size, 0);
  }

  /** Where the tensor lies now: one that grew or was made anew lies elsewhere. */
  locate(name: string): Located | undefined {
    return this.#named.get(name);
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
      this.#errors.check();
      return data;
    } finally {
      staging.destroy();
    }
  }

  /** Gives back their memory. */
  dispose(): void {
    for (const { buffer } of this.#named.values()) buffer.destroy();
    this.#named.clear();
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
}
