/** Two circuits edge by edge: what entered, left, grew and shrank. Edges are told apart by a key, a whole number. */

export const KEPT = 0;
export const LEFT = 1;
export const ENTERED = 2;
export const GREW = 3;
export const SHRANK = 4;
export type Change = typeof KEPT | typeof LEFT | typeof ENTERED | typeof GREW | typeof SHRANK;

/** In one word, which is a class of the style sheet too. */
export const fates = {
  [KEPT]: 'kept',
  [LEFT]: 'left',
  [ENTERED]: 'entered',
  [GREW]: 'grew',
  [SHRANK]: 'shrank',
} as const;
export type Fate = (typeof fates)[Change];

/** An edge in both circuits grew, or shrank, where one |score| is at least so many times the other. */
export const GROWTH = 1.25;

/** Edges of one circuit: their keys, each once, and scores. */
export interface KeyedEdges {
  readonly key: ArrayLike<number>;
  readonly score: ArrayLike<number>;
}

/** What happened to an edge of two circuits; NaN where a circuit is without it. */
export function changeOf(before: number, after: number): Change {
  if (Number.isNaN(before)) return ENTERED;
  if (Number.isNaN(after)) return LEFT;
  const [was, is] = [Math.abs(before), Math.abs(after)];
  if (is > was) return is >= GROWTH * was ? GREW : KEPT;
  return was > is && was >= GROWTH * is ? SHRANK : KEPT;
}

/**
 * The edges of `own`, each with what happened to it between the two circuits; with `isUnion` those that only `other` has
 * too, after the own ones. Keys are below `keys`.
 */
export function changesBetween(
  own: KeyedEdges,
  other: KeyedEdges,
  { keys, isOtherLater, isUnion = false }: { keys: number; isOtherLater: boolean; isUnion?: boolean },
): { key: Uint32Array; score: Float64Array; change: ArrayLike<Change> } {
  const there = new Float64Array(keys).fill(Number.NaN);
  for (let i = 0; i < other.key.length; i++) there[other.key[i]!] = other.score[i]!;
  const most = own.key.length + (isUnion ? other.key.length : 0);
  const key = new Uint32Array(most);
  const score = new Float64Array(most);
  const change = new Uint8Array(most);
  let n = 0;
  for (; n < own.key.length; n++) {
    const [one, two] = [own.score[n]!, there[own.key[n]!]!];
    key[n] = own.key[n]!;
    score[n] = one;
    change[n] = isOtherLater ? changeOf(one, two) : changeOf(two, one);
    there[own.key[n]!] = Number.NaN;
  }
  if (isUnion)
    for (let i = 0; i < other.key.length; i++) {
      if (Number.isNaN(there[other.key[i]!]!)) continue;
      key[n] = other.key[i]!;
      score[n] = other.score[i]!;
      change[n++] = isOtherLater ? ENTERED : LEFT;
    }
  return {
    key: key.subarray(0, n),
    score: score.subarray(0, n),
    change: change.subarray(0, n) as ArrayLike<number> as ArrayLike<Change>,
  };
}
