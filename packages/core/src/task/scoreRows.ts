import { TaskError } from '../errors.js';
import type { Batch } from './batch.js';
import { answerRows, requirePairs, type Example } from './example.js';

/** The positions an attribution sums over, as flat rows n = b·T + t of both sides. */
export interface ScoreRows {
  readonly M: number;
  /** The first `valid` count; the rest repeat the last with weight 0. */
  readonly valid: number;
  /** [M] rows of the clean side. */
  readonly clean: Uint32Array;
  /** [M] the row of the corrupted side that stands against each; equal to `clean` unless the lengths differ. */
  readonly corrupt: Uint32Array;
  /** [M] */
  readonly example: Uint32Array;
  /** [M] 1 for rows that count: a sum over positions counts each once, however many targets read it. */
  readonly weight: Float32Array;
  /** [M] how many targets read the row: the weights of a mean over targets (the authors' mean-then-dot). */
  readonly times: Uint32Array;
}

/**
 * All real positions, or those where answers are read (pos - 1). `paired` asks that each has its counterpart on the
 * corrupted side; the mean and zero ablations need none. Throws TaskError where sides do not fit, or nothing is left.
 */
export function scoreRows(
  batch: Batch,
  {
    positions,
    paired,
    minM = 0,
  }: { readonly positions: 'all' | 'answer'; readonly paired: boolean; readonly minM?: number },
): ScoreRows {
  if (paired) requirePairs(batch.examples, { positions });
  const { T, rowsPerExample, clean } = batch;
  const found: { clean: number; corrupt: number; example: number; times: number }[] = [];
  for (const [e, example] of batch.examples.entries()) {
    for (let side = 0; side < rowsPerExample; side++) {
      const b = e * rowsPerExample + side;
      const rows =
        positions === 'all'
          ? Array.from({ length: clean.lengths[b] ?? 0 }, (_, t) => ({ clean: t, corrupt: t, times: 1 }))
          : answerPairs(example, side);
      for (const { clean: c, corrupt: d, times } of rows) {
        found.push({ clean: b * T + c, corrupt: b * T + d, example: e, times });
      }
    }
  }
  const last = found.at(-1);
  if (!last) {
    throw new TaskError({
      where: 'scores',
      rule: 'scores over the answer positions need targets',
      got: 'examples without any',
      cure: 'Add "targets" to the rows, or score all positions',
    });
  }
  const valid = found.length;
  const M = Math.ceil(Math.max(valid, minM) / 8) * 8;
  const all = Array.from({ length: M }, (_, m) => found[m] ?? { ...last, times: 0 });
  return {
    M,
    valid,
    clean: Uint32Array.from(all, ({ clean }) => clean),
    corrupt: Uint32Array.from(all, ({ corrupt }) => corrupt),
    example: Uint32Array.from(all, ({ example }) => example),
    weight: Float32Array.from(all, (_, m) => (m < valid ? 1 : 0)),
    times: Uint32Array.from(all, ({ times }) => times),
  };
}

/** Each pair of rows once, with the number of targets that read it. `side` 1 is the bad answer of a sequence. */
function answerPairs(example: Example, side: number): { clean: number; corrupt: number; times: number }[] {
  if (example.kind === 'sequence') {
    const answer = side === 0 ? example.goodAnswer : example.badAnswer;
    const shift = (example.corruptPrompt ?? example.prompt).length - example.prompt.length;
    const start = example.prompt.length - 1;
    return answer.map((_, at) => ({ clean: start + at, corrupt: start + at + shift, times: 1 }));
  }
  const pairs = new Map<string, { clean: number; corrupt: number; times: number }>();
  for (const [at, clean] of answerRows(example).entries()) {
    const corrupt = (example.corruptPositions?.[at] ?? clean + 1) - 1;
    const key = `${clean} ${corrupt}`;
    const pair = pairs.get(key) ?? { clean, corrupt, times: 0 };
    pair.times++;
    pairs.set(key, pair);
  }
  return [...pairs.values()];
}
