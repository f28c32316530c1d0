/**
 * Which numbers a circuit tunes, and where what belongs to them lies: parameters in the model's arenas, gradients packed in
 * the order of the model, optimizer states wherever `StatePlaces` has put them. All of it plain data, without a device.
 */
import { roundUpToPart, type Arena } from '../model/arenas.js';
import type { ModelConfig } from '../model/config.js';
import { parameterShapes } from '../model/parameters.js';
import { chunkName, isChunked, type Chunk } from '../model/vocabulary.js';
import { SLICE } from '../ops/optimizer.js';
import type { Part, TunedPart } from './part.js';
import type { StatePlaces } from './statePlaces.js';
import type { Masks } from '../circuit/slices.js';

/** What the tuned parts of one arena need. */
export interface TunedArena {
  readonly index: number;
  /** The arena's name, and its numbers. */
  readonly name: string;
  readonly size: number;
  /** Numbers of gradients. */
  readonly grads: number;
  /** Rows of the list of slices. */
  readonly slices: Uint32Array<ArrayBuffer>;
  /** Numbers of an optimizer state, and units that have an age: all that were ever tuned. */
  readonly states: number;
  readonly units: number;
}

/** States grow by this part of an arena at a time: a larger buffer means a copy, and programs compiled anew. */
const GROWTH = 16;

const inSteps = (size: number, step: number): number => Math.ceil(Math.ceil(size / step) * step);

/** A bias is updated by so many numbers a workgroup. */
const RUN = 1024;

/** Shape of the gradient: only rows that are tuned have one. */
const gradShape = ({ shape, rows }: Pick<TunedPart, 'shape' | 'rows'>): readonly number[] =>
  rows ? [rows.length, shape[1]!] : shape;

export const gradRows = (part: Pick<TunedPart, 'shape' | 'rows'>): number => gradShape(part)[0]!;

const gradSize = (part: Pick<TunedPart, 'shape' | 'rows'>): number => gradShape(part).reduce((n, size) => n * size, 1);

/** The parameters of a model that masks tune, in the model's order. */
export function partsOf(
  { config, chunks }: { readonly config: ModelConfig; readonly chunks: readonly Chunk[] },
  masks: Masks,
): Part[] {
  const parts = parameterShapes(config).flatMap(({ name, shape }): Part[] => {
    const mask = masks.get(name);
    if (!mask) return [];
    if (!isChunked(name)) return [{ name, shape, mask }];
    return chunks.map(({ first, rows }, i) => {
      return { name: chunkName(name, i), shape: [rows, shape[1]!], mask: mask.slice(first, first + rows) };
    });
  });
  return parts.filter(({ mask }) => mask.some((on) => on !== 0));
}

/** The same parts, which lie in these arenas in this order, with places for their gradients. */
export function placed(parts: readonly Part[], arenas: readonly Arena[]): TunedPart[] {
  const places = new Map(arenas.flatMap((it, arena) => it.parts.map(({ name, at }) => [name, { arena, at }] as const)));
  const ends = arenas.map(() => 0);
  return parts.map(({ name, shape, mask }) => {
    const { arena, at } = places.get(name)!;
    const on = unitsOn(mask);
    const rows = shape.length === 2 && on.length < mask.length ? on : undefined;
    const gradAt = ends[arena]!;
    const part = { name, shape, mask, rows, arena, at, gradAt };
    ends[arena] = roundUpToPart(gradAt + gradSize(part));
    return part;
  });
}

/** Units that are tuned, ascending. A loop, for a step that searches looks at a hundred thousand units of GPT-2 small. */
function unitsOn(mask: Float32Array): Uint32Array<ArrayBuffer> {
  const on = new Uint32Array(mask.length);
  let count = 0;
  for (let unit = 0; unit < mask.length; unit++) if (mask[unit] !== 0) on[count++] = unit;
  return on.slice(0, count);
}

/** What the arenas of these parts need, whose states must have their places. */
export function tunedArenas(arenas: readonly Arena[], parts: readonly TunedPart[], places: StatePlaces): TunedArena[] {
  return arenas.flatMap(({ name, size }, index) => {
    const mine = parts.filter(({ arena }) => arena === index);
    const last = mine.at(-1);
    if (!last) return [];
    return {
      index,
      name,
      size,
      grads: last.gradAt + gradSize(last),
      slices: slicesOf(mine, places),
      states: Math.min(size, inSteps(places.sizes(index).states, size / GROWTH)),
      units: inSteps(places.sizes(index).units, 1024),
    };
  });
}

/** A slice for each row of a matrix, run of a bias, or parameter that is tuned as a whole: see ops/optimizer.ts. */
function slicesOf(parts: readonly TunedPart[], places: StatePlaces): Uint32Array<ArrayBuffer> {
  const cuts = parts.map((part) => (part.shape.length === 1 && part.mask.length > 1 ? runs(part.mask) : undefined));
  const counts = parts.map(
    ({ shape, rows }, i) => cuts[i]?.length ?? (shape.length === 2 ? gradRows({ shape, rows }) : 1),
  );
  const slices = new Uint32Array(SLICE * counts.reduce((sum, count) => sum + count, 0));
  let end = 0;
  // Number by number: lists to copy from, a hundred thousand of them, took longer than all else before a step.
  const add = (at: number, grad: number, state: number, unit: number, step: number, length: number): void => {
    slices[end++] = at;
    slices[end++] = grad;
    slices[end++] = state;
    slices[end++] = unit;
    slices[end++] = step;
    slices[end++] = length;
  };
  for (const [p, part] of parts.entries()) {
    const { shape, rows, at, gradAt } = part;
    const { state, unit } = places.placesOf(part);
    const width = shape[1];
    if (width !== undefined)
      for (let i = 0; i < counts[p]!; i++) {
        const row = rows ? rows[i]! : i;
        add(at + row * width, gradAt + i * width, state[row]!, unit[row]!, 0, width);
      }
    else if (!cuts[p]) add(at, gradAt, state[0]!, unit[0]!, 0, shape[0]!);
    else
      for (const [from, to] of cuts[p]) add(at + from, gradAt + from, state[0]! + from, unit[0]! + from, 1, to - from);
  }
  return slices;
}

/** Stretches of the mask that are on, cut to RUN. They follow from the mask alone, and so does the order of sums. */
function runs(mask: Float32Array): [number, number][] {
  const all: [number, number][] = [];
  for (let from = 0; from < mask.length; from++) {
    if (mask[from] === 0) continue;
    let to = from + 1;
    while (to < mask.length && to - from < RUN && mask[to] !== 0) to++;
    all.push([from, to]);
    from = to - 1;
  }
  return all;
}
