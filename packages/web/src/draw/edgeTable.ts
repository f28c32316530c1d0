/**
 * Edges in columns by slots that stay the same from search to search, so that a picture of the next one costs what changed:
 * a slot has its curve once, and of each search its score and strength, or nothing.
 */
import type { Change, CircuitEdges } from './circuitData.js';
import { KEPT } from './compare.js';
import { edgeCurves, type CircuitLayout } from './layout.js';

export class EdgeTable {
  readonly #reads: number;
  readonly #slotOf = new Map<number, number>();
  /** Slots in use. */
  count = 0;
  from = new Uint32Array(256);
  to = new Uint32Array(256);
  curves = new Float32Array(256 * 8);
  score = new Float64Array(256);
  change = new Uint8Array(256);
  /** Slots of the edges given last, in their order. */
  present = new Uint32Array(0);

  /** @param reads how many the nodes have */
  constructor(reads: number) {
    this.#reads = reads;
  }

  /** True where there are edges not seen before: `curves` then has more. */
  set({ from, to, score, change }: CircuitEdges): boolean {
    const before = this.count;
    const present = new Uint32Array(from.length);
    for (let n = 0; n < from.length; n++) {
      const key = from[n]! * this.#reads + to[n]!;
      let slot = this.#slotOf.get(key);
      if (slot === undefined) {
        slot = this.count++;
        if (slot >= this.from.length) this.#grow();
        this.#slotOf.set(key, slot);
        this.from[slot] = from[n]!;
        this.to[slot] = to[n]!;
      }
      present[n] = slot;
      this.score[slot] = score[n]!;
      this.change[slot] = change?.[n] ?? KEPT;
    }
    this.present = present;
    return this.count > before;
  }

  /** Curves of the slots from `first` on. */
  trace(layout: CircuitLayout, first = 0): void {
    const { from, to, score, count } = this;
    const list = {
      from: from.subarray(first, count),
      to: to.subarray(first, count),
      score: score.subarray(first, count),
    };
    this.curves.set(edgeCurves(layout, list), first * 8);
  }

  /** The slot of an edge that was ever given. */
  slot(from: number, to: number): number | undefined {
    return this.#slotOf.get(from * this.#reads + to);
  }

  changeOf(slot: number): Change {
    return this.change[slot] as Change;
  }

  #grow(): void {
    const room = this.from.length * 2;
    const into = <T extends Uint8Array | Uint32Array | Float32Array | Float64Array>(wide: T, column: T): T => {
      wide.set(column);
      return wide;
    };
    this.from = into(new Uint32Array(room), this.from);
    this.to = into(new Uint32Array(room), this.to);
    this.curves = into(new Float32Array(room * 8), this.curves);
    this.score = into(new Float64Array(room), this.score);
    this.change = into(new Uint8Array(room), this.change);
  }
}
