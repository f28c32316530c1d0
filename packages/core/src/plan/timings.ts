/** Which kernels are fast for a call, by what they took on adapters where they were measured. */
import type { Kernel, KernelTiming } from '../kernel.js';
import type { Call, Size } from '../op.js';

/**
 * Beyond this many doublings, over all letters together, a measured call says nothing about another: a tile that is best for
 * 256 rows computes twice as much as it need for 32.
 */
export const FAR = 1;

/** A kernel must take less than this share of another's time to be taken for its time, and not by rank. */
export const TIMING_NOISE = 0.95;

/**
 * @returns milliseconds of the kernels that were measured on such an adapter, at the measured sizes nearest to the call's;
 * none where nothing near was measured. A file that names the adapter by more words goes before one with fewer. Where a
 * backward pass reads what the forward pass saved, one kernel must do both, so both passes' times add up.
 */
export function timesNear(
  candidates: readonly Kernel[],
  { op, pass, dims }: Pick<Call, 'op' | 'pass' | 'dims'>,
  adapter: string,
): ReadonlyMap<Kernel, number> {
  const name = adapter.toLowerCase();
  if (Object.keys(op.saved).length === 0) return timesOfPass(candidates, pass, dims, name);
  const backward = timesOfPass(candidates, 'backward', dims, name);
  const forward = [...timesOfPass(candidates, 'forward', dims, name)];
  return new Map(
    forward.flatMap(([kernel, ms]) => (backward.has(kernel) ? [[kernel, ms + backward.get(kernel)!]] : [])),
  );
}

function timesOfPass(
  candidates: readonly Kernel[],
  pass: KernelTiming['pass'],
  dims: Size,
  adapter: string,
): ReadonlyMap<Kernel, number> {
  let nearest: { rank: readonly [number, number]; sizes: string } | undefined;
  let times = new Map<Kernel, number>();
  for (const kernel of candidates)
    for (const timing of kernel.timings ?? []) {
      if (timing.pass !== pass || !timing.words.every((word) => adapter.includes(word.toLowerCase()))) continue;
      const far = doublings(timing.dims, dims);
      if (far > FAR) continue;
      const rank = [-timing.words.length, far] as const;
      const sizes = JSON.stringify(timing.dims);
      const order = nearest
        ? rank[0] - nearest.rank[0] || rank[1] - nearest.rank[1] || sizes.localeCompare(nearest.sizes)
        : -1;
      if (order < 0) {
        nearest = { rank, sizes };
        times = new Map();
      }
      if (order <= 0) times.set(kernel, timing.ms);
    }
  return times;
}

/** How far sizes lie from measured ones: of each letter the doublings or halvings, and their sum. */
export const doublings = (measured: Size, dims: Size): number =>
  Object.entries(measured).reduce((sum, [letter, size]) => sum + Math.abs(Math.log2((dims[letter] ?? 1) / size)), 0);
