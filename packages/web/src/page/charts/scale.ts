/** Round numbers for the axes of small pictures. */
import { formatNumber } from '../../draw/table.js';

/** About `count` round values within [low, high], ascending. */
export function ticks(low: number, high: number, count: number): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((it) => it * power).find((it) => it >= rough)!;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** A tick with as many decimals as tell it from the next. */
export function tickText(value: number, [first = 0, second = first]: readonly number[]): string {
  const step = Math.abs(second - first);
  const decimals = step > 0 ? Math.ceil(-Math.log10(step) - 1e-9) : 0;
  if (decimals <= 0 || decimals > 6) return formatNumber(value, 3);
  return value.toFixed(decimals).replace('-', '−');
}

/** Maps [low, high] to [from, to]; a single value to the middle. */
export const linear =
  (low: number, high: number, from: number, to: number): ((value: number) => number) =>
  (value) =>
    high > low ? from + ((value - low) / (high - low)) * (to - from) : (from + to) / 2;
