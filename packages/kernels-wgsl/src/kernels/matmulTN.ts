import { defineKernel, matmulTN as op } from '@circuit-tuning/core';
import wgsl from './matmulTN.wgsl';

const tiles = ({ M, N }: Record<string, number>, { WG }: Record<string, number>): number[] => [
  Math.ceil(N! / WG!),
  Math.ceil(M! / WG!),
];

export const matmulTN = defineKernel(op, {
  wgsl,
  grid: { forward: tiles },
  cases: [{ dims: { M: 3, N: 5, K: 7 } }, { dims: { M: 33, N: 40, K: 17 } }, { dims: { M: 24, N: 130, K: 64 } }],
  bytes: ({ M, N, K }) => 4 * (M! * K! + N! * K! + M! * N!),
  flops: ({ M, N, K }) => 2 * M! * N! * K!,
});
