/** The moments of a run in the reader's words, by method, and which comes before which. */
import type { Moment } from '../../record/record.js';
import { formatNumber } from '../../draw/table.js';

type Placed = Pick<Moment, 'when' | 'method' | 'step'>;

/** What each method trains, in a few words. Names that are not ours stand for themselves. */
export const methodTitle = (method: string): string =>
  ({ circuit: 'Circuit only', full: 'All parameters', random: 'Random edges', fixed: 'First circuit only' })[method] ??
  method;

/** `Before tuning`, `Circuit only, step 20`, `Circuit only, after 100 steps`. */
export function momentTitle({ when, method = '', step }: Placed): string {
  if (when === 'before') return 'Before tuning';
  if (when === 'search') return `${methodTitle(method)}, step ${formatNumber(step)}`;
  return `${methodTitle(method)}, after ${formatNumber(step)} steps`;
}

/**
 * Every method starts from the base model, so what came before the first circuit of a method is the one before tuning,
 * not the end of another method.
 */
export function indexBefore(moments: readonly Placed[], index: number): number | undefined {
  const now = moments[index];
  if (!now || now.when === 'before') return undefined;
  const before = moments
    .slice(0, index)
    .findLastIndex(({ method, when }) => method === now.method || when === 'before');
  return before === -1 ? undefined : before;
}

/** Stretches of moments of one method; what is before tuning has none. */
export interface Band {
  readonly method: string | undefined;
  readonly first: number;
  readonly last: number;
}

export function bandsOf(moments: readonly Placed[]): Band[] {
  const bands: { method: string | undefined; first: number; last: number }[] = [];
  for (const [i, { method }] of moments.entries()) {
    const open = bands.at(-1);
    if (open && open.method === method) open.last = i;
    else bands.push({ method, first: i, last: i });
  }
  return bands;
}
