import type { Timed } from './meter.js';

/**
 * Of each dispatch its fastest round: what else the machine does only ever adds. Rounds that dispatched something else than
 * the last one (another circuit was found) are left out.
 */
export function cheapest(rounds: readonly (readonly Timed[])[]): Timed[] {
  const last = rounds.at(-1) ?? [];
  const same = rounds.filter(
    (round) => round.length === last.length && round.every(({ label }, i) => label === last[i]!.label),
  );
  return last.map(({ label }, i) => ({ label, ms: Math.min(...same.map((round) => round[i]!.ms)) }));
}
