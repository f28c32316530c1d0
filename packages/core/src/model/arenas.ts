/**
 * Where parameters lie on a device: many in one buffer, so that one kernel can update all of them. A forward pass binds its
 * part of the buffer for reading, an update the whole buffer for writing; WebGPU minds only what one dispatch binds.
 */
import { byteLength, byteOffset, type DType } from '../graph/value.js';
import { PART } from '../graph/graph.js';
import type { Capabilities } from '../kernel.js';
import type { Session } from '../run/session.js';
import type { ModelConfig } from './config.js';
import { parameterShapes, storedAs, type WeightDType } from './parameters.js';
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
  readonly dtype: DType;
  /** Numbers. */
  readonly size: number;
  readonly parts: readonly ArenaPart[];
}

/** Bytes of an arena at most, where bindings may be larger: what cannot be had in one piece is perhaps to be had in two. */
const MOST = 2 ** 30;

export const roundUpToPart = (numbers: number, dtype: DType = 'f32'): number => {
  // Bindings begin at multiples of so many bytes, whatever lies there.
  const part = (PART * byteOffset(1, 'f32')) / byteOffset(1, dtype);
  return part * Math.ceil(numbers / part);
};

/** Of these tensors in this order; an arena is full when the next one would make it larger than a binding may be. */
export function arenasOf(
  name: string,
  tensors: readonly { readonly name: string; readonly shape: readonly number[] }[],
  { limits }: Capabilities,
  dtype: DType = 'f32',
): Arena[] {
  const most = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize, MOST) / byteOffset(1, dtype);
  const arenas: { name: string; dtype: DType; size: number; parts: ArenaPart[] }[] = [];
  for (const tensor of tensors) {
    const size = tensor.shape.reduce((n, each) => n * each, 1);
    let arena = arenas.at(-1);
    let at = roundUpToPart(arena?.size ?? 0, dtype);
    if (!arena || at + size > most) {
      arenas.push((arena = { name: `${name}.${arenas.length}`, dtype, size: 0, parts: [] }));
      at = 0;
    }
    arena.parts.push({ name: tensor.name, at, size });
    arena.size = at + size;
  }
  return arenas;
}

/** Of all parameters, in the order of the model: what lies as f16 has arenas of its own. */
export function parameterArenas(
  { config, chunks, dtype }: { readonly config: ModelConfig; readonly chunks: readonly Chunk[]; dtype: WeightDType },
  capabilities: Capabilities,
): Arena[] {
  const tensors = parameterShapes(config).flatMap(({ name, shape, kind }) => {
    const stored = storedAs(kind, dtype);
    return isChunked(name)
      ? chunks.map(({ rows }, i) => ({ name: chunkName(name, i), shape: [rows, shape[1]!], stored }))
      : [{ name, shape, stored }];
  });
  const of = (wanted: DType): typeof tensors => tensors.filter(({ stored }) => stored === wanted);
  return [
    ...arenasOf('parameters', of('f32'), capabilities),
    ...arenasOf('parameters.f16', of('f16'), capabilities, 'f16'),
  ];
}

/** Makes their buffers, unless they are there. */
export function packArenas(session: Session, arenas: readonly Arena[]): void {
  for (const { name, dtype, parts } of arenas)
    session.pack(
      name,
      parts.map((part) => ({
        name: part.name,
        offset: byteOffset(part.at, dtype),
        size: byteLength(part.size, dtype),
      })),
    );
}
