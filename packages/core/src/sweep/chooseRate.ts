/** One learning rate of those that were tried, by a rule that is the same for every cell. */
import type { CellOutcome } from './outcome.js';
import type { RateSearch } from './schema.js';

export interface Tried {
  readonly rate: number;
  /** Undefined where the loss did not stay finite. */
  readonly outcome?: CellOutcome;
}

/**
 * Among the rates that keep the perplexity within the bound, the one whose target metric is best; where none does, the one
 * that keeps it nearest. Ties go to the smaller rate. Undefined where no rate came to an end.
 */
export function chooseRate(
  tried: readonly Tried[],
  { better, bound }: Pick<RateSearch, 'better' | 'bound'>,
): number | undefined {
  const sign = better === 'higher' ? 1 : -1;
  const ended = tried
    .flatMap(({ rate, outcome }) => (outcome ? [{ rate, outcome }] : []))
    .filter(({ outcome: { target, perplexity_factor: factor = 1 } }) => [target, factor].every(Number.isFinite))
    .toSorted((a, b) => a.rate - b.rate);
  const inside = ended.filter(({ outcome }) => (outcome.perplexity_factor ?? 1) <= bound);
  const key = ({ outcome }: (typeof ended)[number]): number =>
    inside.length > 0 ? sign * outcome.target : -(outcome.perplexity_factor ?? 1);
  const [first, ...rest] = inside.length > 0 ? inside : ended;
  return rest.reduce((best, it) => (best === undefined || key(it) > key(best) ? it : best), first)?.rate;
}
