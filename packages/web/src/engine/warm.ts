/**
 * The first seconds of a run, spent before it is asked for: the model on the device, and what it runs first compiled. On a
 * software adapter that is two thirds of the time from a click to the first circuit.
 */
import { compileFirst } from '@circuit-tuning/core';
import type { BrowserGpu } from '../gpu.js';
import type { Opened } from './experimentFiles.js';
import { isSmall } from './memoryFacts.js';
import { giveBack, place, type Placed } from './placed.js';

interface Held {
  readonly opened: Opened;
  readonly gpu: BrowserGpu;
  readonly placed: Promise<Placed>;
}

export class Warm {
  #held: Held | undefined;

  /** Begins, unless it has begun. A large model stays where it is: its reader may never start it. */
  up(opened: Opened, gpu: BrowserGpu): void {
    if (this.#held?.opened === opened && this.#held.gpu === gpu) return;
    this.drop();
    if (!isSmall(opened.prepared)) return;
    const held: Held = { opened, gpu, placed: warmUp(opened, gpu) };
    this.#held = held;
    // whoever starts it comes to the same error, and tells it
    held.placed.catch(() => this.#held === held && (this.#held = undefined));
    void gpu.lost.then(() => this.#held === held && this.drop());
  }

  /** What was made ready for this run, which is the caller's from now on; undefined where nothing was. */
  take(opened: Opened, gpu: BrowserGpu): Promise<Placed> | undefined {
    const held = this.#held;
    if (held?.opened !== opened || held.gpu !== gpu) return undefined;
    this.#held = undefined;
    return held.placed;
  }

  drop(): void {
    const held = this.#held;
    this.#held = undefined;
    held?.placed.then(giveBack, () => {});
  }
}

async function warmUp({ prepared }: Opened, gpu: BrowserGpu): Promise<Placed> {
  const placed = await place(gpu, prepared.base);
  try {
    await compileFirst(placed.model, prepared);
    return placed;
  } catch (error) {
    giveBack(placed);
    throw error;
  }
}
