/**
 * The buffers that temporaries lie in. Programs of a session run one after the other, so all of them share a few: the k-th
 * is as large as the k-th largest slot of any program so far. No pool that gives each slot a buffer of its own can hold
 * less, and how much it holds does not depend on which program came first.
 */
import { STORAGE } from './usage.js';

export class SlotPool {
  readonly #device: GPUDevice;
  /** The largest first. */
  #buffers: GPUBuffer[] = [];
  #moves = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** How often a buffer was made anew: programs bound before must be bound again. */
  get moves(): number {
    return this.#moves;
  }

  get bytes(): number {
    return this.#buffers.reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * Sees to buffers for slots of these sizes; one that is too small gives way to a larger one, which is made when the memory
   * of the old is free again. What they held is gone. All that was submitted before may still run.
   * @returns the buffer of each slot, as it is when it is asked for.
   */
  take(sizes: readonly number[]): (slot: number) => GPUBuffer {
    const bySize = sizes.map((_, slot) => slot).toSorted((a, b) => sizes[b]! - sizes[a]! || a - b);
    const small = bySize.flatMap((slot, k) => ((this.#buffers[k]?.size ?? 0) < sizes[slot]! ? [k] : []));
    for (const k of small) this.#buffers[k]?.destroy();
    for (const k of small)
      this.#buffers[k] = this.#device.createBuffer({ label: `slot ${k}`, size: sizes[bySize[k]!]!, usage: STORAGE });
    if (small.length > 0) this.#moves++;
    const rank = new Map(bySize.map((slot, k) => [slot, k]));
    return (slot) => this.#buffers[rank.get(slot)!]!;
  }

  dispose(): void {
    for (const buffer of this.#buffers) buffer.destroy();
    this.#buffers = [];
  }
}
