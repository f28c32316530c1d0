import { absDot as op, defineKernel } from '@circuit-tuning/core';
import wgsl from './absDot.wgsl';

const WG = 64; // threads of a workgroup, as in the .wgsl

export const absDot = defineKernel(op, {
  wgsl,
  alias: { side_in: 'side' },
  grid: { forward: () => [1], backward: ({ N }) => [Math.ceil(N! / WG)] },
  cases: [{ dims: { N: 1, O: 1 } }, { dims: { N: 65, O: 1 } }, { dims: { N: 515, O: 1 } }],
  bytes: ({ N }) => 8 * N!,
  flops: ({ N }) => 2 * N!,
});
