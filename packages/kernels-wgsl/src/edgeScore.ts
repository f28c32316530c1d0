/** What the variants of edgeScore have in common: chunks of m, a partial sum each, added in order afterwards. */
import { edgeScore as op, type KernelSpec, type Size } from '@circuit-tuning/core';

/** Sources that are scored. */
const seenOf = ({ S, seen = op.attrs['seen'] }: Size): number => Math.min(S!, seen!);

/**
 * @param tiles workgroups that a chunk takes · @param least workgroups that keep an adapter busy · @param longest rows of m
 * in a chunk: bounds the length of a running sum, whose rounding grows with it
 */
export const chunked =
  (tiles: (Q: number, R: number) => number, least: number, longest: number) =>
  (dims: Size): Size => {
    const Q = seenOf(dims);
    const CHUNK = Math.max(1, Math.min(longest, Math.floor((dims.M! * tiles(Q, dims.R!)) / least)));
    return { Q, C: Math.ceil(dims.M! / CHUNK), CHUNK };
  };

export const edgeScoring = {
  alias: { partial_in: 'partial' },
  scratch: { partial: 'C Q R' },
  bytes: (dims) => 4 * (seenOf(dims) + dims.R!) * dims.M! * dims.D!,
  flops: (dims) => 2 * seenOf(dims) * dims.R! * dims.M! * dims.D!,
} as const satisfies Pick<KernelSpec, 'alias' | 'scratch' | 'bytes' | 'flops'>;

/** Workgroups of the entry that adds the chunks. */
export const sumGrid = ({ Q, R }: Size, { WG }: Size): number[] => [Math.ceil((Q! * R!) / WG!)];
