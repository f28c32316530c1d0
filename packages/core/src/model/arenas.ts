/**
 * Where parameters lie on a device: many in one buffer, so that one kernel can update all of them. A forward pass binds its
 * part of the buffer for reading, an update the whole buffer for writing; WebGPU minds only what one dispatch binds.
 */
import { PART } from '../graph/graph.js';
import type { Capabilities } from '../kernel.js';
import type { Session } from '../run/session.js';
import type { ModelConfig } from './config.js';
import { parameterShapes } from './parameters.js';
import { chunkName, isChunked, type Chunk } from './vocabulary.js';

/** A parameter as the device holds it: a vocabulary matrix is one for each chunk. */
export interface ArenaPart {
  readonly name: string;
  /** Its first number in the arena, and how many it has. */
  readonly at: number;
  readonly size: number;
}

export interface Arena {
  readonly name: string;
  /** Numbers. */
  readonly size: number;
  readonly parts: readonly ArenaPart[];
}

/** Bytes of an arena at most, where bindings may be larger: what cannot be had in one piece is perhaps to be had in two. */
const MOST = 2 ** 30;

export const roundUpToPart = (numbers: number): number => PART * Math.ceil(numbers / PART);

/** Of these tensors in this order; an arena is full when the next one would make it larger than a binding may be. */
export function arenasOf(
  name: string,
  tensors: readonly { readonly name: string; readonly shape: readonly number[] }[],
  { limits }: Capabilities,
): Arena[] {
  const most = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize, MOST) / 4;
  const arenas: { name: string; size: number; parts: ArenaPart[] }[] = [];
  for (const tensor of tensors) {
    const size = tensor.shape.reduce((n, each) => n * each, 1);
    let arena = arenas.at(-1);
    let at = roundUpToPart(arena?.size ?? 0);
    if (!arena || at + size > most) {
      arenas.push((arena = { name: `${name}.${arenas.length}`, size: 0, parts: [] }));
      at = 0;
    }
    arena.parts.push({ name: tensor.name, at, size });
    arena.size = at + size;
  }
  return arenas;
}

/** Of all parameters, in the order of the model. */
export function parameterArenas(
  { config, chunks }: { readonly config: ModelConfig; readonly chunks: readonly Chunk[] },
  capabilities: Capabilities,
): Arena[] {
  const tensors = parameterShapes(config).flatMap(({ name, shape }) =>
    isChunked(name)
      ? chunks.map(({ rows }, i) => ({ name: chunkName(name, i), shape: [rows, shape[1]!] }))
      : [{ name, shape }],
  );
  return arenasOf('parameters', tensors, capabilities);
}

/** Makes their buffers, unless they are there. */
export function packArenas(session: Session, arenas: readonly Arena[]): void {
  for (const { name, parts } of arenas) {
    const bytes = parts.map((part) => ({ name: part.name, offset: 4 * part.at, size: 4 * part.size }));
    session.pack(name, bytes);
  }
}
