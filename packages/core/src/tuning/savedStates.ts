/**
 * Optimizer states as a checkpoint keeps them: for each kind and parameter the numbers of the rows that have a state, in
 * order, as `m.blocks.0.attn.W_Q`; and where that is not all of them, their indices as `rows.blocks.0.attn.W_Q`.
 */
import { WeightError } from '../errors.js';
import { allRows, sizeOfPlace, type StatePlaces } from './statePlaces.js';
import type { TunedPart } from './part.js';

/** @param stored the numbers of a kind of state of one arena, as they lie on the device; undefined before the first step */
export function packStates(
  places: StatePlaces,
  kinds: readonly string[],
  stored: (kind: string, arena: number) => Float32Array | undefined,
): Map<string, Float32Array<ArrayBuffer>> {
  const states = new Map<string, Float32Array<ArrayBuffer>>();
  for (const { part, rows } of places.held) {
    if (!stored(kinds[0]!, part.arena)) continue;
    if (part.shape.length === 2 && rows.length < part.shape[0]!)
      states.set(`rows.${part.name}`, Float32Array.from(rows));
    for (const kind of kinds) {
      const from = stored(kind, part.arena)!;
      const size = sizeOf(part, kind);
      const packed = new Float32Array(rows.length * size);
      for (const [i, at] of startsOf(places, part, rows, kind).entries())
        packed.set(from.subarray(at, at + size), i * size);
      states.set(`${kind}.${part.name}`, packed);
    }
  }
  return states;
}

/** Gives every row of these parameters that has a state a place, and each arena what then lies there. */
export function unpackStates(
  all: readonly TunedPart[],
  places: StatePlaces,
  kinds: readonly string[],
  states: ReadonlyMap<string, Float32Array>,
): { kind: string; arena: number; values: Float32Array<ArrayBuffer> }[] {
  const parts = all.filter(({ name }) => states.has(`${kinds[0]}.${name}`));
  const rowsAt = (part: TunedPart): Uint32Array => Uint32Array.from(states.get(`rows.${part.name}`) ?? allRows(part));
  for (const part of parts) places.holdRows(part, rowsAt(part));
  return places.arenas.flatMap((arena) =>
    kinds.map((kind) => {
      const sizes = places.sizes(arena);
      const values = new Float32Array(kind === 'age' ? sizes.units : sizes.states);
      for (const part of parts.filter((it) => it.arena === arena)) {
        const [rows, size] = [rowsAt(part), sizeOf(part, kind)];
        const given = states.get(`${kind}.${part.name}`);
        if (given?.length !== rows.length * size)
          throw new WeightError({
            where: `optimizer state ${kind}.${part.name}`,
            rule: `must have ${rows.length * size} numbers`,
            got: given ? given.length : 'none',
            cure: 'Remove this checkpoint: the run goes on from the one before it',
          });
        for (const [i, at] of startsOf(places, part, rows, kind).entries())
          values.set(given.subarray(i * size, (i + 1) * size), at);
      }
      return { kind, arena, values };
    }),
  );
}

const sizeOf = (part: TunedPart, kind: string): number => sizeOfPlace(part)[kind === 'age' ? 1 : 0];

/** Where in its arena's state of that kind each row begins. */
function startsOf(places: StatePlaces, part: TunedPart, rows: Uint32Array, kind: string): Int32Array {
  const { state, unit } = places.placesOf(part);
  return Int32Array.from(rows, (row) => (kind === 'age' ? unit : state)[row]!);
}
