/**
 * Where the optimizer's states lie: packed, one stretch for each arena of parameters, a place for each row that was ever
 * tuned. A row that leaves the circuit keeps its place, so that its momentum waits there and is taken up when it returns;
 * a row that never was in a circuit has none. Plain data, without a device.
 */
import type { TunedPart } from './part.js';

/** By row of a matrix; what has no rows, a bias or a gain, counts as one. -1 where there is none. */
export interface Places {
  /** First number of the states. */
  readonly state: Int32Array;
  /** First unit that has an age. */
  readonly unit: Int32Array;
}

export class StatePlaces {
  readonly #held = new Map<string, Places & { readonly part: TunedPart }>();
  readonly #sizes: { states: number; units: number }[] = [];

  /** Gives a place to every tuned row that has none. Biases have theirs as a whole: they are small. */
  hold(parts: readonly TunedPart[]): void {
    for (const part of parts) this.holdRows(part, part.rows ?? allRows(part));
  }

  holdRows(part: TunedPart, rows: Uint32Array): void {
    let held = this.#held.get(part.name);
    if (!held) {
      const none = (): Int32Array => new Int32Array(rowCount(part)).fill(-1);
      this.#held.set(part.name, (held = { part, state: none(), unit: none() }));
    }
    const sizes = (this.#sizes[part.arena] ??= { states: 0, units: 0 });
    const [states, units] = sizeOfPlace(part);
    for (const row of rows) {
      if (held.state[row] !== -1) continue;
      held.state[row] = sizes.states;
      held.unit[row] = sizes.units;
      sizes.states += states;
      sizes.units += units;
    }
  }

  placesOf({ name }: TunedPart): Places {
    return this.#held.get(name)!;
  }

  /** Numbers of each state, and units, of one arena. */
  sizes(arena: number): { readonly states: number; readonly units: number } {
    return this.#sizes[arena] ?? { states: 0, units: 0 };
  }

  /** Arenas of which some row has a place. */
  get arenas(): number[] {
    return Object.keys(this.#sizes).map(Number);
  }

  /** Every parameter with a place, in the order of the model, and the rows that have one, ascending. */
  get held(): { readonly part: TunedPart; readonly rows: Uint32Array }[] {
    // Not in the order of entry: a run that was taken up again is to keep the files of one that was not.
    const all = [...this.#held.values()].toSorted((a, b) => a.part.arena - b.part.arena || a.part.at - b.part.at);
    return all.map(({ part, state }) => ({ part, rows: allRows(part).filter((row) => state[row] !== -1) }));
  }
}

const rowCount = ({ shape }: TunedPart): number => (shape.length === 2 ? shape[0]! : 1);

export const allRows = (part: TunedPart): Uint32Array<ArrayBuffer> =>
  Uint32Array.from({ length: rowCount(part) }, (_, row) => row);

/** Numbers of a state, and ages, that one place has. */
export function sizeOfPlace({ shape, mask }: TunedPart): [number, number] {
  return shape.length === 2 ? [shape[1]!, 1] : [shape[0]!, mask.length];
}
