import { defineKernel, swiglu as op } from '@circuit-tuning/core';
import wgsl from './swiglu.wgsl';

const perElement = ({ N }: Record<string, number>, { WG }: Record<string, number>): number[] => [Math.ceil(N! / WG!)];

export const swiglu = defineKernel(op, {
  wgsl,
  grid: { forward: perElement, backward: perElement },
  cases: [{ dims: { N: 7 } }, { dims: { N: 65 } }, { dims: { N: 4099 } }],
  bytes: ({ N }) => 12 * N!,
});
