/**
 * Liveness → slots: which temporaries share memory, so that a long plan needs little.
 *
 * Greedy by size: the largest tensors are placed first, each into the smallest gap that its neighbours in time leave, or
 * where a slot must grow least (Pisarchyk and Lee 2020, https://arxiv.org/abs/2001.03288). WebGPU adds a rule of its own:
 * no dispatch may read one part of a buffer and write another. So there are several slots, each a buffer, and a tensor goes
 * only where every dispatch that touches it finds the slot bound as it wants it, or not at all.
 */
import type { Binding } from '../kernel.js';

export interface Touch {
  /** Index of the dispatch. */
  readonly at: number;
  readonly access: Binding['access'];
}

export interface Lifetime {
  /** Any key that names the tensor. */
  readonly key: number;
  readonly bytes: number;
  /** Index of the dispatch that first touches it, and of the last. */
  first: number;
  last: number;
  readonly touches: Touch[];
}

export interface Slots {
  /** Bytes of each slot. */
  readonly bytes: readonly number[];
  /** key → where it lies. */
  readonly of: ReadonlyMap<number, { readonly slot: number; readonly offset: number }>;
}

interface Placed {
  readonly offset: number;
  readonly end: number;
  readonly first: number;
  readonly last: number;
}

class Slot {
  end = 0;
  /** By offset. */
  readonly #placed: Placed[] = [];
  readonly #access = new Map<number, Binding['access']>();

  takes({ touches }: Lifetime): boolean {
    return touches.every(({ at, access }) => (this.#access.get(at) ?? access) === access);
  }

  /** Where so many bytes are free all the time: in the tightest gap, or, at the least growth, over the end. */
  offsetFor({ first, last }: Lifetime, bytes: number): { offset: number; gap: number } {
    let offset = -1;
    let tightest = Infinity;
    let reached = 0;
    for (const placed of this.#placed) {
      if (placed.last < first || placed.first > last) continue;
      const gap = placed.offset - reached;
      if (gap >= bytes && gap < tightest) {
        offset = reached;
        tightest = gap;
      }
      reached = Math.max(reached, placed.end);
    }
    const gap = this.end - reached;
    if (offset < 0 || (gap >= bytes && gap < tightest)) return { offset: reached, gap };
    return { offset, gap: tightest };
  }

  place({ first, last, touches }: Lifetime, offset: number, bytes: number): void {
    const end = offset + bytes;
    this.end = Math.max(this.end, end);
    const at = this.#placed.findIndex((placed) => placed.offset > offset);
    this.#placed.splice(at < 0 ? this.#placed.length : at, 0, { offset, end, first, last });
    for (const touch of touches) this.#access.set(touch.at, touch.access);
  }
}

/** Made by one dispatch and read by the next, as widened weights are. */
const isBrief = ({ first, last }: Lifetime): boolean => last - first < 2;
const lasting = ({ first, last }: Lifetime): number => last - first;

/**
 * Largest first in three; among equals none is best everywhere, and a graph has thousands of them. Where weights are stored as
 * f16, the last two take up to a fifth less.
 */
const orders: readonly ((a: Lifetime, b: Lifetime) => number)[] = [
  (a, b) => b.bytes - a.bytes || a.first - b.first,
  (a, b) => b.bytes - a.bytes || b.last - a.last,
  (a, b) => b.bytes - a.bytes || lasting(b) - lasting(a),
  (a, b) => b.bytes * (lasting(b) + 1) - a.bytes * (lasting(a) + 1) || a.first - b.first,
  (a, b) => Number(isBrief(b)) - Number(isBrief(a)) || b.bytes - a.bytes || a.first - b.first,
];

/** @param alignment of what lies in a slot, in bytes. @param most bytes of a slot, unless one tensor takes more. */
export function assignSlots(lifetimes: readonly Lifetime[], alignment: number, most: number): Slots {
  const tried = orders.map((order) => assigned(lifetimes.toSorted(order), alignment, most));
  const total = ({ bytes }: Slots): number => bytes.reduce((sum, size) => sum + size, 0);
  return tried.reduce((best, next) => (total(next) < total(best) ? next : best));
}

/** Each in a slot of its own. */
export const slotsApart = (lifetimes: readonly Lifetime[]): Slots => ({
  bytes: lifetimes.map(({ bytes }) => bytes),
  of: new Map(lifetimes.map(({ key }, slot) => [key, { slot, offset: 0 }])),
});

function assigned(lifetimes: readonly Lifetime[], alignment: number, most: number): Slots {
  const slots: Slot[] = [];
  const of = new Map<number, { slot: number; offset: number }>();
  for (const tensor of lifetimes) {
    const bytes = Math.ceil(tensor.bytes / alignment) * alignment;
    let best = { slot: slots.length, offset: 0, growth: bytes, gap: Infinity };
    slots.forEach((slot, i) => {
      if (!slot.takes(tensor)) return;
      const { offset, gap } = slot.offsetFor(tensor, bytes);
      const growth = Math.max(0, offset + bytes - slot.end);
      if (growth > 0 && offset + bytes > most) return;
      if (growth < best.growth || (growth === best.growth && gap < best.gap)) best = { slot: i, offset, growth, gap };
    });
    const slot = (slots[best.slot] ??= new Slot());
    slot.place(tensor, best.offset, bytes);
    of.set(tensor.key, { slot: best.slot, offset: best.offset });
  }
  return { bytes: slots.map(({ end }) => end), of };
}
