/** Timestamp queries for as many passes as come, read all at once. */

/** What WebGPU allows in one query set. */
const MOST = 4096;

export class Queries {
  readonly #device: GPUDevice;
  readonly #sets: GPUQuerySet[] = [];
  #count = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Where the next pass writes its start and its end. */
  next(): GPUComputePassTimestampWrites {
    const at = (2 * this.#count++) % MOST;
    if (at === 0) this.#sets.push(this.#device.createQuerySet({ type: 'timestamp', count: MOST }));
    return { querySet: this.#sets.at(-1)!, beginningOfPassWriteIndex: at, endOfPassWriteIndex: at + 1 };
  }

  /** Milliseconds of each pass, in the order of `next`; gives the queries back. */
  async read(): Promise<number[]> {
    const times: number[] = [];
    for (const [i, set] of this.#sets.entries()) {
      const count = Math.min(MOST, 2 * this.#count - i * MOST);
      times.push(...(await this.#resolve(set, count)));
      set.destroy();
    }
    return times;
  }

  async #resolve(set: GPUQuerySet, count: number): Promise<number[]> {
    const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
    const size = 8 * count;
    const resolved = this.#device.createBuffer({ size, usage: QUERY_RESOLVE | COPY_SRC });
    const staging = this.#device.createBuffer({ size, usage: MAP_READ | COPY_DST });
    const encoder = this.#device.createCommandEncoder();
    encoder.resolveQuerySet(set, 0, count, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
    this.#device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const nanoseconds = new BigUint64Array(staging.getMappedRange().slice(0));
    resolved.destroy();
    staging.destroy();
    return Array.from({ length: count / 2 }, (_, i) => Number(nanoseconds[2 * i + 1]! - nanoseconds[2 * i]!) / 1e6);
  }
}
