/** What the kernels have in common that compute attention without its pattern in memory. */
import type { KernelSpec, Size } from '@circuit-tuning/core';

export const flash = {
  alias: { z_in: 'z', lse_in: 'lse', rows_in: 'rows' },
  /** Of each query the log-sum-exp of its scores, and Σ_e z · dZ. */
  scratch: { rows: 'B H T J' },
  derived: () => ({ J: 2 }),
  bytes: ({ B, T, H, K, E }: Size) => 8 * B! * T! * (H! + K!) * E!,
  /** Half of the square lies above the diagonal. */
  flops: ({ B, T, H, E }: Size) => 2 * B! * H! * T! * T! * E!,
} as const satisfies Partial<KernelSpec>;

/** The grid of the entry point that makes `rows`. */
export const rowsGrid = ({ B, T, H }: Size): number[] => [Math.ceil((B! * H! * T!) / 64)];
