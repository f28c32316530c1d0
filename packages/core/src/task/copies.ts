/** A batch put behind itself several times, for graphs that run variants of a model side by side on the same examples. */
import type { Side } from './batch.js';

/** A list that many times over; copy c of it raised by c · `step`. */
export const repeated = (list: Uint32Array, copies: number, step = 0): Uint32Array =>
  Uint32Array.from(
    { length: copies * list.length },
    (_, i) => list[i % list.length]! + step * Math.floor(i / list.length),
  );

/** [B, T] → [copies · B, T] */
export const repeatedSide = (side: Side, copies: number): Side => ({
  ...side,
  tokens: repeated(side.tokens, copies),
  mask: repeated(side.mask, copies),
  positions: repeated(side.positions, copies),
});
