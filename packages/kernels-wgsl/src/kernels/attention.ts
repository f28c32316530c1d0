import { attention as op, defineKernel, type Size } from '@circuit-tuning/core';
import wgsl from './attention.wgsl';

// A thread computes a block of 4 x 4: queries and keys, or positions and channels.
const quarter = (size: number): number => Math.ceil(size / 4);
const scores = ({ B, T, H }: Size, { WG }: Size): number[] => [Math.ceil((B! * H! * quarter(T!) ** 2) / WG!)];
const softmax = ({ B, T, H }: Size, { WG }: Size): number[] => [Math.ceil((B! * H! * T!) / WG!)];
const queries = ({ B, T, H, E }: Size, { WG }: Size): number[] => [
  Math.ceil((B! * H! * quarter(T!) * quarter(E!)) / WG!),
];
const keys = ({ B, T, K, E }: Size, { WG }: Size): number[] => [Math.ceil((B! * K! * quarter(T!) * quarter(E!)) / WG!)];

export const attention = defineKernel(op, {
  wgsl,
  alias: { pattern_in: 'pattern', dScore_in: 'dScore' },
  scratch: { dScore: 'B H T T' },
  grid: {
    forward_scores: scores,
    forward_softmax: softmax,
    forward_mix: queries,
    backward_pattern: scores,
    backward_softmax: softmax,
    backward_q: queries,
    backward_k: keys,
    backward_v: keys,
  },
  cases: [
    { dims: { B: 3, T: 7, H: 4, K: 2, E: 3 } },
    { dims: { B: 2, T: 5, H: 3, K: 3, E: 4 } },
    { dims: { B: 2, T: 70, H: 6, K: 1, E: 16 } },
    { dims: { B: 1, T: 1, H: 1, K: 1, E: 2 } },
  ],
  bytes: ({ B, T, H, K, E }) => 4 * (2 * B! * T! * (H! + K!) * E! + B! * H! * T! * T!),
  // Half of the square lies above the diagonal.
  flops: ({ B, T, H, E }) => 2 * B! * H! * T! * T! * E!,
});
