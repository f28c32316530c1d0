/**
 * The examples of each step: consecutive cuts of an epoch's shuffled order; what is left of an epoch waits for another.
 * They follow from seed and step alone, so that a run may go on from any step.
 */
import { padBatch, type Batch } from '../task/batch.js';
import type { Example } from '../task/example.js';
import { Random } from '../task/random.js';

/** T of a step's batch is rounded up to a multiple of this: few lengths, few plans. */
export const BUCKET = 16;

export interface StepSize {
  readonly batchSize: number;
  /** Micro-batches of `batchSize` that make one update. */
  readonly accumulation: number;
  readonly seed: number;
}

export class StepBatches {
  readonly #examples: readonly Example[];
  readonly #size: StepSize;
  #shuffled: { epoch: number; examples: Example[] } | undefined;

  constructor(examples: readonly Example[], size: StepSize) {
    this.#examples = examples;
    this.#size = size;
  }

  /** The micro-batches of a step, counted from 0. */
  of(step: number): Batch[] {
    const { batchSize, accumulation } = this.#size;
    const perEpoch = Math.max(1, Math.floor(this.#examples.length / batchSize));
    return Array.from({ length: accumulation }, (_, micro) => {
      const at = step * accumulation + micro;
      const from = (at % perEpoch) * batchSize;
      const examples = this.#orderOf(Math.floor(at / perEpoch)).slice(from, from + batchSize);
      return padBatch(examples, { batchSize, sides: 'good', bucket: BUCKET });
    });
  }

  #orderOf(epoch: number): readonly Example[] {
    if (this.#shuffled?.epoch !== epoch)
      this.#shuffled = { epoch, examples: new Random(this.#size.seed, epoch).shuffle([...this.#examples]) };
    return this.#shuffled.examples;
  }
}
