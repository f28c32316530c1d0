/** Liveness → slots: which temporary shares which buffer, so that a long plan needs little memory. */

export interface Lifetime {
  /** Any key that names the tensor. */
  key: number;
  bytes: number;
  /** Index of the dispatch that first touches it, and of the last. */
  first: number;
  last: number;
}

export interface Slots {
  /** Bytes of each slot. */
  bytes: number[];
  /** key → slot. */
  of: Map<number, number>;
}

/** A tensor may sit in a slot at most this many times its size; a larger slot waits for a larger tensor. */
const WASTE = 2;

/**
 * Best fit over whole buffers: a tensor takes the smallest free slot that holds it. Two tensors alive at one dispatch never
 * share a slot, because WebGPU refuses one buffer bound as `read` and `read_write` in a dispatch, ranges notwithstanding.
 */
export function assignSlots(lifetimes: readonly Lifetime[]): Slots {
  const bytes: number[] = [];
  const of = new Map<number, number>();
  const busyUntil: number[] = [];
  for (const tensor of lifetimes.toSorted((a, b) => a.first - b.first || a.key - b.key)) {
    let best = -1;
    for (let slot = 0; slot < bytes.length; slot++) {
      const size = bytes[slot]!;
      const isFree = busyUntil[slot]! < tensor.first;
      if (isFree && size >= tensor.bytes && size <= WASTE * tensor.bytes && (best < 0 || size < bytes[best]!))
        best = slot;
    }
    if (best < 0) best = bytes.push(tensor.bytes) - 1;
    of.set(tensor.key, best);
    busyUntil[best] = tensor.last;
  }
  return { bytes, of };
}
