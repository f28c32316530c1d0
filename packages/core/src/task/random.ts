/**
 * Seeded random numbers: xoshiro128** 1.1 by Blackman and Vigna (2018, public domain,
 * https://prng.di.unimi.it/xoshiro128starstar.c), its state filled by splitmix32 (the murmur3 finaliser over a Weyl
 * sequence, as https://prng.di.unimi.it advises for seeding). Every seed of an experiment goes through here, so that a
 * run can be repeated and its state saved. Not for secrets.
 */
export type RandomState = readonly [number, number, number, number];

export class Random {
  /** Written in place: a fresh one for each draw would cost more than the draw. */
  readonly #s: Uint32Array;

  /**
   * `seed` is any safe integer. `stream` separates users of one seed (epoch 3 of the shuffle, the init of layer 2):
   * two streams never share a state by being one step apart, as seed and seed + 1 would with a plain counter.
   */
  constructor(seed: number, stream = 0) {
    // Low and high words of both, so that seeds over 2^32 differ too.
    let word = mix(mix(mix(seed | 0) ^ Math.floor(seed / 2 ** 32)) ^ (stream | 0)) ^ Math.floor(stream / 2 ** 32);
    const next = () => mix((word = (word + 0x9e3779b9) | 0));
    this.#s = Uint32Array.of(next(), next(), next(), next() | 1); // the all-zero state is the one that never leaves itself
  }

  static from(state: RandomState): Random {
    const random = new Random(0);
    random.#s.set(state);
    return random;
  }

  /** Enough to go on from here: `Random.from(state)`. */
  get state(): RandomState {
    const [a, b, c, d] = this.#s;
    return [a!, b!, c!, d!];
  }

  /** An integer in [0, 2^32). */
  u32(): number {
    const s = this.#s;
    const b = s[1]!;
    const x = Math.imul(b, 5);
    const c = s[2]! ^ s[0]!;
    const d = s[3]! ^ b;
    s[1] = b ^ c;
    s[0] = s[0]! ^ d;
    s[2] = c ^ (b << 9);
    s[3] = (d << 11) | (d >>> 21);
    return Math.imul((x << 7) | (x >>> 25), 9) >>> 0;
  }

  /** A number in [0, 1) with 53 random bits. */
  float(): number {
    return ((this.u32() >>> 5) * 2 ** 26 + (this.u32() >>> 6)) * 2 ** -53;
  }

  /** An integer in [0, n), n at most 2^32, without the bias of a plain remainder: the uneven rest is drawn again. */
  below(n: number): number {
    const limit = 2 ** 32 - (2 ** 32 % n);
    let drawn = this.u32();
    while (drawn >= limit) drawn = this.u32();
    return drawn % n;
  }

  /** Standard normal, Box and Muller 1958. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.float()));
    return radius * Math.cos(2 * Math.PI * this.float());
  }

  /** A shuffled copy (Fisher and Yates). */
  shuffle<Item>(items: readonly Item[]): Item[] {
    return this.sample(items, items.length);
  }

  /** `count` different items in random order; all of them when there are fewer. */
  sample<Item>(items: readonly Item[], count: number): Item[] {
    const left = [...items];
    const taken: Item[] = [];
    while (taken.length < count && left.length > 0) {
      const at = this.below(left.length);
      const last = left.length - 1;
      [left[at], left[last]] = [left[last] as Item, left[at] as Item]; // both indices are inside
      taken.push(left.pop() as Item); // not empty here
    }
    return taken;
  }
}

function mix(word: number): number {
  let z = word | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}
