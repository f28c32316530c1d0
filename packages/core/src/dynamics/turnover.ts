/**
 * How a circuit's members, edges or nodes, come and go over the searches of one method.
 *
 *   entered = |now \ before|, left = |before \ now|, overlap = |A ∩ B| / |A ∪ B| (Jaccard 1912)
 *
 * Misleads where the circuit has another number of members at each search (a schedule of N changes the overlap by
 * itself: at best min(|A|, |B|) / max(|A|, |B|)), and where searches look at a batch each: then some of the turnover is the
 * batch's. A search of the same model on other examples says how much.
 */
import { overlap } from '../circuit/circuit.js';

/** The members of a circuit, indices ascending, when `step` steps were done. */
export interface Members {
  readonly step: number;
  readonly members: Uint32Array;
}

export interface Turn {
  readonly size: number;
  /** Members that the search before did not have, and those that only it had; at the first search all have entered. */
  readonly entered: number;
  readonly left: number;
  /** Overlap with the search before and with the first, in [0, 1]; 1 at the first search. */
  readonly previous: number;
  readonly first: number;
}

/** One for each search. @param searches by step ascending. */
export function turnover(searches: readonly Members[]): Turn[] {
  return searches.map(({ members }, i) => {
    const before = searches[i - 1]?.members ?? new Uint32Array();
    const known = new Set(before);
    const kept = members.reduce((count, member) => count + (known.has(member) ? 1 : 0), 0);
    return {
      size: members.length,
      entered: members.length - kept,
      left: before.length - kept,
      previous: i === 0 ? 1 : overlap(members, before),
      first: overlap(members, searches[0]!.members),
    };
  });
}

/** The life of one member. */
export interface Stay {
  readonly member: number;
  /** Step of the first search that has it. */
  readonly entered: number;
  /** Step of the search at which it was gone for good; absent where the last search still has it. */
  readonly left?: number;
  /** How often it entered: 1 for one that never came back. */
  readonly entries: number;
  readonly searches: number;
  /** Share of all searches that have it, in (0, 1]. */
  readonly persistence: number;
}

/**
 * Every member that any search has, the most persistent first, then by index.
 * @param searches by step ascending.
 */
export function stays(searches: readonly Members[]): Stay[] {
  const seen = new Map<number, { first: number; last: number; entries: number; searches: number }>();
  for (const [i, { members }] of searches.entries())
    for (const member of members) {
      const it = seen.get(member);
      if (!it) seen.set(member, { first: i, last: i, entries: 1, searches: 1 });
      else {
        if (it.last < i - 1) it.entries++;
        it.last = i;
        it.searches++;
      }
    }
  return [...seen]
    .map(([member, { first, last, entries, searches: count }]): Stay => {
      const gone = searches[last + 1];
      return {
        member,
        entered: searches[first]!.step,
        ...(gone && { left: gone.step }),
        entries,
        searches: count,
        persistence: count / searches.length,
      };
    })
    .sort((a, b) => b.searches - a.searches || a.member - b.member);
}
