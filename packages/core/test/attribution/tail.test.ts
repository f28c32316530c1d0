/** Which rows of a batch are run once more for their gradients, where scores look at answers alone. */
import { describe, expect, it } from 'vitest';
import { makeBatches, scoreRows, type Example } from '../../src/index.js';
import { objectivesOf } from '../../src/circuit/metric.js';
import { tailsOf } from '../../src/attribution/tail.js';

/** Answers are read one position before these. */
const example = (length: number, ...answers: number[]): Example => ({
  kind: 'tokens',
  id: 'a',
  line: 1,
  tokens: Array.from({ length }, (_, t) => 10 + t),
  targets: answers.map((pos) => ({ pos, good: [1], bad: [2] })),
});

function tails(examples: readonly Example[], batchSize: number, metric: 'logit_diff' | 'nll' = 'logit_diff') {
  const batches = makeBatches(examples, { batchSize, minT: 16 });
  const objectives = objectivesOf(metric, batches);
  const rows = batches.map((batch) => scoreRows(batch, { positions: 'answer', paired: false, minM: 8 }));
  return tailsOf(batches.map((batch, i) => ({ batch, objective: objectives[i]!, rows: rows[i]! })));
}

describe('the tail of a batch', () => {
  it('is one row of each example that has one answer, and the first of a dummy', () => {
    const { Q, batches } = tails([example(12, 12), example(9, 5), example(16, 16)], 2)!;
    expect(Q).toBe(1);
    expect(batches.map(({ inputs }) => inputs['tail.first'])).toEqual([Uint32Array.of(11, 4), Uint32Array.of(15, 0)]);
    expect(batches.map(({ inputs }) => inputs['tail.tokens'])).toEqual([Uint32Array.of(21, 14), Uint32Array.of(25, 0)]);
    expect(batches[0]!.inputs['tail.positions']).toEqual(Uint32Array.of(11, 4));
    expect(batches[0]!.rows.clean.slice(0, 2)).toEqual(Uint32Array.of(0, 1));
    expect(batches[0]!.objective.rows.slice(0, 2)).toEqual(Uint32Array.of(0, 1));
  });

  it('goes from the first answer to the last, in a power of two of rows, and ends with its example at the latest', () => {
    const { Q, batches } = tails([example(12, 3, 5), example(16, 14, 16)], 2)!;
    expect(Q).toBe(4);
    expect(batches[0]!.inputs['tail.first']).toEqual(Uint32Array.of(2, 12));
    expect(batches[0]!.rows.clean.slice(0, 4)).toEqual(Uint32Array.of(0, 2, 5, 7));
  });

  it('is none where answers lie so far apart, or the metric reads so much, that it would be half of the rows and more', () => {
    expect(tails([example(16, 8, 15), example(16, 16)], 2)!.Q).toBe(8);
    expect(tails([example(16, 7, 15), example(16, 16)], 1)).toBeUndefined();
    expect(tails([example(16, 16)], 1, 'nll')).toBeUndefined();
  });
});
