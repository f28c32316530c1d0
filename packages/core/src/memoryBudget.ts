/** A bound for what a command may take of a device, and what would bring it below: only what was planned, and fits. */
import { LimitError } from './errors.js';
import type { MemoryUse } from './memory.js';

/** What a user calls the things that memory depends on. */
export interface Knobs {
  readonly batch: string;
  readonly budget: string;
}

export interface Budget {
  readonly bytes: number;
  /** What is planned, as errors call it. */
  readonly where: string;
  readonly batchSize: number;
  readonly knobs: Knobs;
}

/** What else a command may do in order to take less. */
export interface Other {
  /** In the user's words: 'score the answers alone (--positions answer)'. */
  readonly cure: string;
  readonly needs: (batchSize: number) => Promise<MemoryUse>;
}

/**
 * Runs `needs` for smaller batches too, and the others, where what is asked for takes too much: the cure says which would do.
 * @throws LimitError above the budget, before anything is allocated.
 */
export async function requireMemory(
  { bytes, where, batchSize, knobs }: Budget,
  needs: (batchSize: number) => Promise<MemoryUse>,
  others: readonly Other[] = [],
): Promise<MemoryUse> {
  const use = await needs(batchSize);
  if (use.total <= bytes) return use;
  const all = `a ${knobs.budget} of ${bytesInWords(use.total)}`;
  const cures = await fitting({ bytes, batchSize, knobs }, use.parameters < bytes ? needs : undefined, others);
  throw new LimitError({
    where,
    rule: `must take at most the ${bytesInWords(bytes)} that ${knobs.budget} allows on the device`,
    got: `${bytesInWords(use.total)}, of which ${bytesInWords(use.parameters)} are the model's parameters`,
    cure:
      cures.length > 0
        ? capital([...cures, `take ${all}`].join(', or '))
        : `${use.parameters < bytes ? 'Even one example at a time is' : 'The parameters alone are'} too much: take a smaller model, or ${all}`,
  });
}

/** What would do, with what it takes; without `needs`, where fewer examples alone would not. */
async function fitting(
  { bytes, batchSize, knobs }: Omit<Budget, 'where'>,
  needs: ((batchSize: number) => Promise<MemoryUse>) | undefined,
  others: readonly Other[],
): Promise<string[]> {
  const smaller: number[] = [];
  for (let fewer = batchSize >> 1; fewer > 0; fewer >>= 1) smaller.push(fewer);
  const cures: string[] = [];
  for (const fewer of needs ? smaller : []) {
    const { total } = await needs!(fewer);
    if (total > bytes) continue;
    cures.push(`lower ${knobs.batch} to ${fewer}, which takes ${bytesInWords(total)}`);
    break;
  }
  for (const { cure, needs: need } of others) {
    // Where fewer examples do already, the other way is of use only without them.
    for (const size of cures.length > 0 ? [batchSize] : [batchSize, ...smaller]) {
      const { total, parameters } = await need(size);
      if (parameters >= bytes) break;
      if (total > bytes) continue;
      const also = size < batchSize ? ` and lower ${knobs.batch} to ${size}` : '';
      cures.push(`${cure}${also}, which takes ${bytesInWords(total)}`);
      break;
    }
  }
  return cures;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Rounded up. */
export const bytesInWords = (bytes: number): string =>
  bytes < 10 * 2 ** 20 ? `${Math.ceil(bytes / 2 ** 10)} KiB` : `${Math.ceil(bytes / 2 ** 20)} MiB`;
