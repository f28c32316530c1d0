import type { Random } from '../task/random.js';

/** Seeded choices that add up how surprising they were: the entropy a perfect model of the grammar is left with. */
export class Draw {
  readonly #random: Random;
  #nats = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** −log probability of everything drawn so far. */
  get nats(): number {
    return this.#nats;
  }

  /** One of the items, each equally likely. */
  pick<Item>(items: readonly Item[]): Item {
    this.#nats += Math.log(items.length);
    const item = items[this.#random.below(items.length)];
    if (item === undefined) throw new Error('Draw.pick: there must be something to pick from, got an empty list');
    return item;
  }

  chance(probability: number): boolean {
    const happens = this.#random.float() < probability;
    this.#nats -= Math.log(happens ? probability : 1 - probability);
    return happens;
  }

  /** A key, by its weight. */
  weighted<Key extends string>(weights: Readonly<Record<Key, number>>): Key {
    const keys = Object.keys(weights) as Key[]; // a record's own keys
    const total = keys.reduce((sum, key) => sum + weights[key], 0);
    let left = this.#random.float() * total;
    const key = keys.find((candidate) => (left -= weights[candidate]) < 0) ?? keys[keys.length - 1]!;
    this.#nats -= Math.log(weights[key] / total);
    return key;
  }
}
