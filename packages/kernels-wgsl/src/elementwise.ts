/** What kernels that treat each element alone have in common. */
import type { Capabilities, KernelSpec, Size } from '@circuit-tuning/core';

/** On a software adapter starting a subgroup costs as much as 16 elements, on a GPU nothing. */
const constants = (_dims: Size, { isSoftware }: Capabilities): Size => ({ EACH: isSoftware ? 16 : 1 });

const grid = ({ N }: Size, { WG, EACH }: Size): number[] => [Math.ceil(N! / (WG! * EACH!))];

export const elementwise = { constants, grid } as const satisfies Pick<KernelSpec, 'constants'> & { grid: unknown };

/** Of kernels that treat four neighbours at once. */
export const elementwise4 = {
  rank: 10,
  when: ({ N }: Size): boolean => N! % 4 === 0,
  constants: (_dims: Size, { isSoftware }: Capabilities): Size => ({ EACH: isSoftware ? 8 : 1 }),
  grid: ({ N }: Size, { WG, EACH }: Size): number[] => [Math.ceil(N! / (4 * WG! * EACH!))],
} as const;
