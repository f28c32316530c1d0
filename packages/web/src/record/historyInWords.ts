/** When a part was in the circuit, in a sentence. */
import type { Sighting } from './turnover.js';

/** `In the circuit at 4 of 6 searches: until step 10, and from step 40 on.` */
export function historyInWords(sightings: readonly Sighting[]): string {
  const of = sightings.length;
  const count = sightings.filter((sighting) => sighting.isInside).length;
  const searches = of === 1 ? 'the one search so far' : of === 2 ? 'both searches' : `all ${of} searches`;
  if (of === 0) return 'No search yet.';
  if (count === of) return `In the circuit at ${searches}.`;
  if (count === 0)
    return `Not in the circuit at ${of === 1 ? searches : of === 2 ? 'either of 2 searches' : `any of ${of} searches`}.`;
  const stays = staysOf(sightings);
  const told = stays.slice(0, MOST_STAYS).map(({ first, last }) => {
    if (last === of - 1) return first === last ? at(sightings[first]!) : `from ${sightings[first]!.when} on`;
    if (first === last) return at(sightings[first]!);
    return first === 0
      ? `until ${sightings[last]!.when}`
      : `from ${sightings[first]!.when} to ${sightings[last]!.when}`;
  });
  const more = stays.length - told.length;
  if (more > 0) told.push(`${more} more time${more === 1 ? '' : 's'}`);
  const list = told.length > 1 ? `${told.slice(0, -1).join(', ')}, and ${told.at(-1)}` : told[0]!;
  return `In the circuit at ${count} of ${of} searches: ${list}.`;
}

const MOST_STAYS = 3;

const at = ({ when }: Sighting): string => (when.startsWith('step') ? `at ${when}` : when);

/** Stretches of searches that had it, as first and last index. */
function staysOf(sightings: readonly Sighting[]): { first: number; last: number }[] {
  const stays: { first: number; last: number }[] = [];
  for (const [i, { isInside }] of sightings.entries()) {
    if (!isInside) continue;
    const last = stays.at(-1);
    if (last?.last === i - 1) last.last = i;
    else stays.push({ first: i, last: i });
  }
  return stays;
}
