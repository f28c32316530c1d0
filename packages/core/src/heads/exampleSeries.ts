/** Numbers that examples have one by one, gathered by name over batches: their mean, and how sure it is. */

/** Mean over examples, and half of its 95% interval: 1.96 standard errors. Of one example there is none. */
export interface Estimate {
  readonly mean: number;
  readonly margin?: number;
}

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
    const values = this.#values.get(name);
    if (!values || values.length === 0) return undefined;
    const n = values.length;
    const mean = values.reduce((sum, value) => sum + value, 0) / n;
    if (n === 1) return { mean };
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
    return { mean, margin: 1.96 * Math.sqrt(variance / n) };
  }
}
