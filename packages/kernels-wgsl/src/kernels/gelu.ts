import { defineKernel, gelu as op } from '@circuit-tuning/core';
import wgsl from './gelu.wgsl';

const perElement = ({ N }: Record<string, number>, { WG }: Record<string, number>): number[] => [Math.ceil(N! / WG!)];

export const gelu = defineKernel(op, {
  wgsl,
  grid: { forward: perElement, backward: perElement },
  cases: [{ dims: { N: 65 } }, { dims: { N: 65 }, attrs: { exact: 1 } }, { dims: { N: 4099 } }],
  bytes: ({ N }) => 8 * N!,
});
