/** What kernels that treat each element alone have in common. */
import type { Capabilities, KernelSpec, Size } from '@circuit-tuning/core';

/**
 * On a software adapter starting a subgroup costs as much as 16 elements, and a workgroup of several runs at two thirds of the
 * speed of one; on a GPU starting costs nothing.
 */
const constants = (_dims: Size, { isSoftware }: Capabilities): Size =>
  isSoftware ? { WG: 8, EACH: 128 } : { EACH: 1 };

const grid = ({ N }: Size, { WG, EACH }: Size): number[] => [Math.ceil(N! / (WG! * EACH!))];

export const elementwise = { constants, grid } as const satisfies Pick<KernelSpec, 'constants'> & { grid: unknown };

/** Of kernels that treat four neighbours at once. */
export const elementwise4 = {
  rank: 10,
  when: ({ N }: Size): boolean => N! % 4 === 0,
  constants: (_dims: Size, { isSoftware }: Capabilities): Size => (isSoftware ? { WG: 8, EACH: 32 } : { EACH: 1 }),
  grid: ({ N }: Size, { WG, EACH }: Size): number[] => [Math.ceil(N! / (4 * WG! * EACH!))],
} as const;
