/** What a row reaches where perplexity has grown by the bound, read off between the rates that were tried. */
import type { Tried } from './chooseRate.js';
import type { RateSearch } from './schema.js';

/**
 * A grid is coarse: of two rows one may have a rate that comes near the bound and the other none, and the chosen rates
 * then compare two prices. Here all rows pay the same one, at most. The untuned model and the tries, in order of their
 * rates, are joined by straight lines in the logarithm of perplexity's growth and the target; what is told is the best
 * target on them within the bound. It rests on one seed. Undefined where no try ended, or nothing is kept.
 */
export function atBound(
  tried: readonly Tried[],
  { better, bound }: Pick<RateSearch, 'better' | 'bound'>,
): number | undefined {
  const sign = better === 'higher' ? 1 : -1;
  const last = Math.log(bound);
  const ended = tried
    .toSorted((a, b) => a.rate - b.rate)
    .flatMap(({ outcome }) => (outcome?.perplexity_factor === undefined ? [] : [outcome]))
    .map((it) => ({ x: Math.log(it.perplexity_factor!), y: it.target, base: it.target_base }))
    .filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  if (ended.length === 0) return undefined;
  const points = [{ x: 0, y: ended[0]!.base }, ...ended];
  const reached = points.flatMap((point, i) => {
    const next = points[i + 1];
    const inside = point.x <= last ? [point.y] : [];
    if (!next || point.x <= last === next.x <= last) return inside;
    return [...inside, point.y + ((last - point.x) / (next.x - point.x)) * (next.y - point.y)];
  });
  return sign * Math.max(...reached.map((y) => sign * y));
}
