/** Numbers that examples have one by one, gathered by name over batches. */
import { estimateOf, type Estimate } from '../task/estimate.js';

/** Names in the order in which they are met. */
export class ExampleSeries {
  readonly #values = new Map<string, number[]>();

  get names(): string[] {
    return [...this.#values.keys()];
  }

  add(name: string, values: Iterable<number>): void {
    const so = this.#values.get(name);
    if (so) so.push(...values);
    else this.#values.set(name, [...values]);
  }

  count(name: string): number {
    return this.#values.get(name)?.length ?? 0;
  }

  estimate(name: string): Estimate | undefined {
    return estimateOf(this.#values.get(name) ?? []);
  }
}
