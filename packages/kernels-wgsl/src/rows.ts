/** What kernels with a workgroup a row have in common. */
import type { Capabilities, Size } from '@circuit-tuning/core';

/** On a software adapter a subgroup costs hundreds of cycles to start: one of 8 lanes walks along the row instead of many. */
export const oneSubgroupARow = (_dims: Size, { isSoftware }: Capabilities): Size => (isSoftware ? { WG: 8 } : {});
