import { defineKernel, tailAttention as op, type Size } from '@circuit-tuning/core';
import wgsl from './tailAttention.wgsl';

const quarter = (size: number): number => Math.ceil(size / 4);
const scores = ({ B, T, Q, H }: Size, { WG }: Size): number[] => [Math.ceil((B! * H! * Q! * quarter(T!)) / WG!)];
const softmax = ({ B, Q, H }: Size, { WG }: Size): number[] => [Math.ceil((B! * H! * Q!) / WG!)];
const queries = ({ B, Q, H, E }: Size, { WG }: Size): number[] => [Math.ceil((B! * Q! * H! * quarter(E!)) / WG!)];
const keys = ({ B, Q, K, E }: Size, { WG }: Size): number[] => [Math.ceil((B! * Q! * K! * quarter(E!)) / WG!)];

export const tailAttention = defineKernel(op, {
  wgsl,
  alias: { pattern_in: 'pattern', dScore_in: 'dScore' },
  scratch: { dScore: 'B H Q T' },
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
    { dims: { B: 3, T: 7, Q: 2, H: 4, K: 2, E: 3 } },
    { dims: { B: 2, T: 5, Q: 1, H: 3, K: 3, E: 4 } },
    { dims: { B: 3, T: 70, Q: 24, H: 6, K: 1, E: 16 } },
    { dims: { B: 2, T: 4, Q: 4, H: 2, K: 2, E: 2 } },
  ],
  bytes: ({ B, T, Q, H, K, E }) => 8 * B! * (Q! * (H! + K!) + T! * K!) * E!,
  flops: ({ B, T, Q, H, E }) => 4 * B! * H! * Q! * T! * E!,
});
