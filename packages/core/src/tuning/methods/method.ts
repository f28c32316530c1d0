/** What a tuning method is: when it searches, and what it tunes of what was found. Each method has a file of its own. */
import type { Random } from '../../task/random.js';
import type { Circuit } from '../../circuit/circuit.js';
import type { Slice } from '../../circuit/slices.js';

/** What a method may look at when it chooses. */
export interface Ground {
  readonly found: Circuit;
  /** Scores of all edges, [S, R], signed. */
  readonly scores: ArrayLike<number>;
  /** Of this search alone, from the run's seed. */
  readonly random: Random;
  /** Gradient of the training objective with respect to every parameter that nodes own, on the batch of this step. */
  gradients(): Promise<ReadonlyMap<string, Float32Array>>;
}

export interface Chosen {
  /** Told as the circuit of this search. */
  readonly circuit: Circuit;
  /** Rows that are tuned, where they are not those of `circuit`. */
  readonly slices?: readonly Slice[];
  /** Adapters are trained in place of the weights, with as many parameters as `circuit` owns. */
  readonly adapters?: true;
}

export interface TuningMethod {
  /** `every`: before steps 0, K, 2K, … · `once`: before step 0 · `never`: every parameter is tuned. */
  readonly searches: 'every' | 'once' | 'never';
  /** One phrase for tables and menus. */
  readonly about: string;
  /** Random parameters outside may be added to what it tunes (`extra`). */
  readonly takesExtra?: true;
  choose?(ground: Ground): Chosen | Promise<Chosen>;
}
