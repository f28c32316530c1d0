/** What kernels that treat each element alone have in common. */
import type { Capabilities, KernelSpec, Size } from '@circuit-tuning/core';

/** On a software adapter starting a subgroup costs as much as 16 elements, on a GPU nothing. */
const constants = (_dims: Size, { isSoftware }: Capabilities): Size => ({ EACH: isSoftware ? 16 : 1 });

const grid = ({ N }: Size, { WG, EACH }: Size): number[] => [Math.ceil(N! / (WG! * EACH!))];

export const elementwise = { constants, grid } as const satisfies Pick<KernelSpec, 'constants'> & { grid: unknown };
