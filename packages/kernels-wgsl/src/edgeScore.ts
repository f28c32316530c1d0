/** What the variants of edgeScore have in common: chunks of m, a partial sum each, added in order afterwards. */
import { edgeScore as op, type KernelCase, type KernelSpec, type Size } from '@circuit-tuning/core';

/** Sources that are scored. */
const seenOf = ({ S, seen = op.attrs['seen'] }: Size): number => Math.min(S!, seen!);

const powerOfTwo = (most: number): number => 2 ** Math.floor(Math.log2(most));

/**
 * Where groups are kept apart a chunk lies in one of them.
 * @param tiles workgroups that a chunk takes · @param least workgroups that keep an adapter busy · @param longest rows of m
 * in a chunk: bounds the length of a running sum, whose rounding grows with it
 */
export const chunked =
  (tiles: (Q: number, R: number) => number, least: number, longest: number) =>
  (dims: Size): Size => {
    const Q = seenOf(dims);
    const wanted = Math.max(1, Math.min(longest, Math.floor((dims.M! * tiles(Q, dims.R!)) / least)));
    const CHUNK = dims.G === 1 ? wanted : powerOfTwo(Math.min(wanted, dims.step!, dims.M!));
    return { Q, C: Math.ceil(dims.M! / CHUNK), CHUNK };
  };

export const edgeScoring = {
  alias: { partial_in: 'partial' },
  scratch: { partial: 'C Q R' },
  bytes: (dims) => 4 * (seenOf(dims) + dims.R!) * dims.M! * dims.D!,
  flops: (dims) => 2 * seenOf(dims) * dims.R! * dims.M! * dims.D!,
} as const satisfies Pick<KernelSpec, 'alias' | 'scratch' | 'bytes' | 'flops'>;

/** Workgroups of the entry that adds the chunks. */
export const sumGrid = ({ G, Q, R }: Size, { WG }: Size): number[] => [Math.ceil((G! * Q! * R!) / WG!)];

/** Groups of whole blocks, with some of a part before; rows of which each is a group; a part that is smaller than a block. */
export const ofGroups: readonly KernelCase[] = [
  { dims: { S: 7, R: 6, M: 32, D: 12, I: 9, G: 3, J: 4 }, attrs: { s0: 1, seen: 6, m0: 16, step: 8 } },
  { dims: { S: 3, R: 5, M: 5, D: 8, I: 3, G: 5, J: 6 }, attrs: { step: 1 } },
  { dims: { S: 2, R: 9, M: 4, D: 4, I: 4, G: 2, J: 3 }, attrs: { m0: 12, step: 8 } },
];
