import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { commonT, makeBatches, padBatch, type Example, type TokensExample } from '../../src/task/index.js';
import { messageOf } from './words.js';

// The same cases on every run.
fc.configureGlobal({ seed: 1 });

const ids = fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 20 });
const tokensExample = (tokens: number[], corruptTokens: number[], line: number): TokensExample => ({
  kind: 'tokens',
  id: String(line),
  line,
  tokens,
  corruptTokens,
  targets: [{ pos: tokens.length, good: [1], bad: [2] }],
});
const task = fc
  .array(fc.tuple(ids, ids), { minLength: 1, maxLength: 30 })
  .map((rows) => rows.map(([clean, corrupt], at) => tokensExample(clean, corrupt, at + 1)));
const options = fc.record({
  batchSize: fc.integer({ min: 1, max: 7 }),
  bucket: fc.constantFrom(1, 4, 8),
  order: fc.constantFrom('given' as const, 'shuffled' as const),
  seed: fc.nat(),
});

test('every example is in exactly one batch, its tokens in front and padding behind', () => {
  fc.assert(
    fc.property(task, options, (examples, how) => {
      const batches = makeBatches(examples, how);
      const lines = batches.flatMap((batch) => batch.examples.map(({ line }) => line));
      expect(lines.toSorted((a, b) => a - b)).toEqual(examples.map(({ line }) => line));
      for (const { B, T, examples: real, clean, corrupt } of batches) {
        expect(B).toBe(how.batchSize);
        expect(T % how.bucket).toBe(0);
        for (const [side, of] of [
          [clean, 'tokens'],
          [corrupt, 'corruptTokens'],
        ] as const) {
          for (let b = 0; b < B; b++) {
            const example = real[b];
            const own = example?.kind === 'tokens' ? (example[of] ?? []) : [];
            const row = (values: Uint32Array | undefined) => Array.from(values?.slice(b * T, (b + 1) * T) ?? []);
            const padding = Array.from({ length: T - own.length }, () => 0);
            expect(row(side?.tokens)).toEqual([...own, ...padding]);
            expect(row(side?.valid)).toEqual([...own.map(() => 1), ...padding]);
            expect(side?.lengths[b]).toBe(own.length);
            expect(row(side?.mask)[0]).toBe(1);
            expect(row(side?.mask).reduce((so, x) => so + x, 0)).toBe(Math.max(own.length, 1));
            expect(Math.max(...row(side?.positions))).toBe(Math.max(own.length - 1, 0));
          }
        }
      }
    }),
  );
});

test('the same seed gives the same batches, another seed or epoch another order', () => {
  const examples = Array.from({ length: 40 }, (_, at) => tokensExample([at + 1], [1], at + 1));
  const orderOf = (how: { seed?: number; epoch?: number }) =>
    makeBatches(examples, { batchSize: 7, order: 'shuffled', ...how }).flatMap((batch) =>
      batch.examples.map(({ line }) => line),
    );
  expect(orderOf({ seed: 3 })).toEqual(orderOf({ seed: 3, epoch: 0 }));
  expect(orderOf({ seed: 3 })).not.toEqual(orderOf({ seed: 4 }));
  expect(orderOf({ seed: 3 })).not.toEqual(orderOf({ seed: 3, epoch: 1 }));
});

test('minT from commonT gives all batches one shape', () => {
  fc.assert(
    fc.property(task, options, (examples, how) => {
      const minT = commonT(examples, how);
      for (const { T } of makeBatches(examples, { ...how, minT })) expect(T).toBe(minT);
    }),
  );
});

test('T is not rounded up beyond maxT', () => {
  const example = tokensExample([1, 2, 3, 4, 5, 6, 7, 8, 9], [1], 1);
  expect(padBatch([example], { batchSize: 1, maxT: 12 }).T).toBe(12);
});

const sequence: Example = {
  kind: 'sequence',
  id: 's',
  line: 1,
  prompt: [5, 6],
  corruptPrompt: [5, 7],
  goodAnswer: [8, 9],
  badAnswer: [10],
};

test('a sequence has a row for each answer, without the last token that is only predicted', () => {
  const { B, T, rowsPerExample, clean, corrupt } = padBatch([sequence], { batchSize: 2, bucket: 4 });
  expect({ B, T, rowsPerExample }).toEqual({ B: 4, T: 4, rowsPerExample: 2 });
  expect([...clean.tokens]).toEqual([5, 6, 8, 0, 5, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  expect([...(corrupt?.tokens ?? [])]).toEqual([5, 7, 8, 0, 5, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  expect([...clean.lengths]).toEqual([3, 2, 0, 0]);
});

test('trained on, a sequence has one row: the good one', () => {
  const { B, rowsPerExample, clean } = padBatch([sequence], { batchSize: 2, bucket: 4, sides: 'good' });
  expect({ B, rowsPerExample }).toEqual({ B: 2, rowsPerExample: 1 });
  expect(Array.from(clean.tokens.slice(0, 4))).toEqual([5, 6, 8, 0]);
});

test('a batch has no corrupted side unless every example has one', () => {
  const { corruptTokens: _, ...bare } = tokensExample([1, 2], [], 2);
  expect(padBatch([tokensExample([1], [2], 1), bare], { batchSize: 2 }).corrupt).toBeUndefined();
});

test('batches that cannot be made are errors with their cure', () => {
  const one = tokensExample([1], [2], 1);
  expect(messageOf(() => padBatch([], { batchSize: 2 }))).toBe(
    'TaskError: batch: a batch must hold 1 to 2 examples, got 0. Cut the examples with makeBatches.',
  );
  expect(messageOf(() => padBatch([one, sequence], { batchSize: 2 }))).toBe(
    'TaskError: batch, example s: all examples of a batch must be of one kind (tokens), got sequence. Batch the two ' +
      'tasks one after the other.',
  );
  expect(messageOf(() => makeBatches([one], { batchSize: 0 }))).toBe(
    'TaskError: batchSize: must be a whole number from 1, got 0. Give 1 or more.',
  );
});
