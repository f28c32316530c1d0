/**
 * How long each dispatch of a program ran on the device, by timestamp queries. A pair of them surrounds a compute pass, so
 * every dispatch has a pass of its own while it is timed: a run takes longer, but the parts are true in proportion.
 */
import { MAP_READ, QUERIES, STAGING } from './usage.js';

const BYTES = 8;

export class Timestamps {
  readonly #queries: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #staging: GPUBuffer;

  /** For `count` dispatches, of which at most `atOnce` are in one submit; undefined where the device has no timestamp queries. */
  static of(device: GPUDevice, count: number, atOnce: number): Timestamps | undefined {
    return device.features.has('timestamp-query') && count > 0 ? new Timestamps(device, count, atOnce) : undefined;
  }

  private constructor(device: GPUDevice, count: number, atOnce: number) {
    this.#queries = device.createQuerySet({ type: 'timestamp', count: 2 * atOnce });
    const size = 2 * BYTES * count;
    this.#resolved = device.createBuffer({ label: 'timestamps', size, usage: QUERIES });
    this.#staging = device.createBuffer({ label: 'timestamps', size, usage: STAGING });
  }

  /** For the pass of the i-th dispatch of a submit. */
  writes(i: number): GPUComputePassTimestampWrites {
    return { querySet: this.#queries, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 };
  }

  /** Ends a submit of `count` dispatches, the first of which is `start`: a multiple of 16, as WebGPU resolves to 256 bytes. */
  resolve(encoder: GPUCommandEncoder, start: number, count: number): void {
    const offset = 2 * BYTES * start;
    encoder.resolveQuerySet(this.#queries, 0, 2 * count, this.#resolved, offset);
    encoder.copyBufferToBuffer(this.#resolved, offset, this.#staging, offset, 2 * BYTES * count);
  }

  /** Milliseconds of each dispatch, once all submits are done. */
  async fetch(): Promise<Float64Array> {
    await this.#staging.mapAsync(MAP_READ);
    const nanoseconds = new BigUint64Array(this.#staging.getMappedRange());
    const ms = Float64Array.from({ length: nanoseconds.length / 2 }, (_, i) =>
      // some drivers let time go backwards across a change of clock
      Math.max(0, Number(nanoseconds[2 * i + 1]! - nanoseconds[2 * i]!) / 1e6),
    );
    this.#staging.unmap();
    return ms;
  }

  dispose(): void {
    this.#queries.destroy();
    this.#resolved.destroy();
    this.#staging.destroy();
  }
}
