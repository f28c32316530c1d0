import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  accuracy,
  logitDiff,
  logProbDiff,
  makeBatches,
  meanOf,
  nll,
  padBatch,
  perplexity,
  predictionCount,
  Random,
  scoreRows,
  valueOf,
  type Batch,
  type Example,
  type Objective,
  type SequenceExample,
  type TokensExample,
} from '../../src/task/index.js';
import { messageOf } from './words.js';

// The same cases on every run.
fc.configureGlobal({ seed: 1 });

const V = 17;

/** Logits that depend on the row's whole prefix alone, as a causal model's do, so that padding cannot matter. */
function logitsOf(prefix: readonly number[]): number[] {
  const random = new Random(prefix.reduce((hash, id) => (hash * 31 + id + 1) % 1_000_003, 7));
  return Array.from({ length: V }, () => 2 * random.normal());
}

const lseOf = (logits: readonly number[]) => Math.log(logits.reduce((so, x) => so + Math.exp(x), 0));
const logProb = (prefix: readonly number[], id: number) => (logitsOf(prefix)[id] ?? NaN) - lseOf(logitsOf(prefix));

/** What the engine would read back; rows outside the texts give NaN, which no weight may touch. */
function read({ T, clean }: Batch, { rows, ids, M, P }: Objective) {
  const logits = [...rows].map((n) => {
    const b = Math.floor(n / T);
    return n % T < (clean.lengths[b] ?? 0) ? logitsOf(Array.from(clean.tokens.slice(b * T, n + 1))) : [];
  });
  return {
    picked: Float64Array.from({ length: M * P }, (_, i) => logits[Math.floor(i / P)]?.[ids[i] ?? 0] ?? NaN),
    lse: Float64Array.from(logits, lseOf),
  };
}

const measure = (batch: Batch, objective: Objective) => {
  const { picked, lse } = read(batch, objective);
  return valueOf(objective, picked, lse);
};

const total = (start: readonly number[], answer: readonly number[]) =>
  sum(answer.map((id, at) => logProb([...start, ...answer.slice(0, at)], id)));

const tokenIds = (minLength: number) => fc.array(fc.nat(V - 1), { minLength, maxLength: 11 });
const tokensExample = fc
  .tuple(tokenIds(2), fc.array(fc.tuple(fc.nat(), tokenIds(1), tokenIds(1)), { minLength: 1, maxLength: 3 }))
  .map(([tokens, places]): TokensExample => ({
    kind: 'tokens',
    id: 'x',
    line: 1,
    tokens,
    targets: places.map(([at, good, bad]) => ({ pos: 1 + (at % tokens.length), good, bad })),
  }));
const sequenceExample = fc
  .tuple(tokenIds(1), tokenIds(1), tokenIds(1))
  .map(([prompt, goodAnswer, badAnswer]): SequenceExample => ({
    kind: 'sequence',
    id: 'x',
    line: 1,
    prompt,
    goodAnswer,
    badAnswer,
  }));
const some = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 1, maxLength: 5 });
const mean = (values: readonly number[]) => values.reduce((so, x) => so + x, 0) / values.length;
const sum = (values: readonly number[]) => values.reduce((so, x) => so + x, 0);

test('the logit difference is the mean over targets of mean good minus mean bad', () => {
  fc.assert(
    fc.property(some(tokensExample), (examples) => {
      const batch = padBatch(examples, { batchSize: 6 });
      const expected = examples.map(({ tokens, targets }) =>
        mean(
          targets.map(({ pos, good, bad }) => {
            const logits = logitsOf(tokens.slice(0, pos));
            return mean(good.map((id) => logits[id] ?? NaN)) - mean(bad.map((id) => logits[id] ?? NaN));
          }),
        ),
      );
      const each = measure(batch, logitDiff(batch));
      for (const [e, value] of expected.entries()) expect(each.perExample[e]).toBeCloseTo(value, 4);
      expect(each.total).toBeCloseTo(mean(expected), 4);
      expect(measure(batch, logitDiff(batch, { normalise: 'mean' })).total).toBeCloseTo(mean(expected), 4);
    }),
  );
});

test('the loss over all tokens is the mean over real next tokens, whatever the padding and the batches', () => {
  fc.assert(
    fc.property(some(tokenIds(2)), fc.integer({ min: 1, max: 4 }), (texts, batchSize) => {
      const examples = texts.map((tokens): Example => ({ kind: 'tokens', id: 'x', line: 1, tokens, targets: [] }));
      const expected = texts.flatMap((ids) => ids.slice(1).map((id, t) => -logProb(ids.slice(0, t + 1), id)));
      const values = makeBatches(examples, { batchSize }).map((batch) => measure(batch, nll(batch)));
      expect(meanOf(values)).toBeCloseTo(mean(expected), 4);
      expect(sum(values.map(({ count }) => count))).toBe(expected.length);
      expect(perplexity(meanOf(values))).toBeCloseTo(Math.exp(mean(expected)), 1);
    }),
  );
});

const prompt: TokensExample = {
  kind: 'tokens',
  id: 'p',
  line: 3,
  tokens: [3, 4, 5],
  targets: [
    { pos: 1, good: [4], bad: [6] },
    { pos: 3, good: [7, 8], bad: [9] },
  ],
};
const text: TokensExample = { kind: 'tokens', id: 't', line: 4, tokens: [1, 2, 3, 4, 5], targets: [] };
const losses = {
  inside: [-logProb([3], 4), -logProb([3, 4], 5)],
  beyond: mean([7, 8].map((id) => -logProb([3, 4, 5], id))),
};

test('an answer past the end of its prompt is part of the loss, several good ones by their mean', () => {
  const batch = padBatch([prompt], { batchSize: 1 });
  expect(measure(batch, nll(batch)).total).toBeCloseTo(mean([...losses.inside, losses.beyond]), 5);
});

test('the loss on answers counts the answers alone, and examples without any do not divide by zero', () => {
  const batch = padBatch([prompt, text], { batchSize: 2 });
  const expected = mean([losses.inside[0] ?? NaN, losses.beyond]);
  expect(measure(batch, nll(batch, { over: 'answers' })).total).toBeCloseTo(expected, 5);
  const each = measure(batch, nll(batch, { over: 'answers', normalise: 'perExample' })).perExample;
  expect([...each].map((value) => Number.isFinite(value))).toEqual([true, true]);
  expect(predictionCount(batch, 'answers')).toBe(2);
});

test('where a text says something else than its target, answers train the target and all tokens the text', () => {
  const example: TokensExample = { ...text, targets: [{ pos: 2, good: [9], bad: [3] }] };
  const batch = padBatch([example], { batchSize: 1 });
  expect(measure(batch, nll(batch, { over: 'answers' })).total).toBeCloseTo(-logProb([1, 2], 9), 5);
  expect(nll(batch)).toEqual(nll(padBatch([text], { batchSize: 1 })));
});

test('weighted multiplies the log-probability of answers by 1/p and leaves the divisor', () => {
  const batch = padBatch([prompt], { batchSize: 1 });
  const [answer = NaN, other = NaN] = losses.inside;
  const weighted = measure(batch, nll(batch, { over: 'weighted', p: 0.25 })).total;
  expect(weighted).toBeCloseTo((4 * answer + other + 4 * losses.beyond) / 3, 4);
  const same = nll(batch, { over: 'weighted', p: 1 });
  expect(same).toEqual(nll(batch));
});

test('the parts of an accumulated step add up to the mean over all its tokens', () => {
  const batches = makeBatches([prompt, text], { batchSize: 1 });
  const count = sum(batches.map((batch) => predictionCount(batch)));
  const whole = padBatch([prompt, text], { batchSize: 2 });
  const parts = batches.map((batch) => measure(batch, nll(batch, { count })).total);
  expect(sum(parts)).toBeCloseTo(measure(whole, nll(whole)).total, 5);
});

test('the sequence difference is log p(good) - log p(bad), each summed over its tokens', () => {
  fc.assert(
    fc.property(some(sequenceExample), (examples) => {
      const batch = padBatch(examples, { batchSize: 6 });
      const expected = examples.map((e) => total(e.prompt, e.goodAnswer) - total(e.prompt, e.badAnswer));
      const objective = logProbDiff(batch);
      const { perExample } = measure(batch, objective);
      for (const [e, value] of expected.entries()) expect(perExample[e]).toBeCloseTo(value, 4);
      const { picked, lse } = read(batch, objective);
      const { right, of } = accuracy(objective, picked, lse);
      expect(of).toBe(examples.length);
      // A tie is rounding's to decide: the same answer twice.
      const wins = (least: number) => expected.filter((value) => value > least).length;
      expect(right).toBeGreaterThanOrEqual(wins(1e-4));
      expect(right).toBeLessThanOrEqual(wins(-1e-4));
    }),
  );
});

test('the loss of a sequence reads its good rows and skips the bad ones', () => {
  const example: Example = { kind: 'sequence', id: 's', line: 1, prompt: [1, 2], goodAnswer: [3, 4], badAnswer: [5] };
  const expected = mean([-logProb([1], 2), -logProb([1, 2], 3), -logProb([1, 2, 3], 4)]);
  for (const sides of ['both', 'good'] as const) {
    const batch = padBatch([example], { batchSize: 2, sides });
    expect(measure(batch, nll(batch)).total).toBeCloseTo(expected, 5);
  }
});

test('for single-token answers the log-probability difference is the logit difference', () => {
  const batch = padBatch([prompt], { batchSize: 1 });
  expect(logProbDiff(batch)).toEqual(logitDiff(batch));
  expect(logitDiff(batch).lseWeight.every((weight) => weight === 0)).toBe(true);
});

test('rows are ascending and padded to a multiple of 8 by weightless copies of the last', () => {
  fc.assert(
    fc.property(some(tokensExample), fc.nat(40), (examples, minM) => {
      const batch = padBatch(examples, { batchSize: 6 });
      for (const objective of [nll(batch, { minM }), logitDiff(batch, { minM, minP: 30 })]) {
        const { M, P, valid, rows, pickWeight, lseWeight } = objective;
        expect(M % 8).toBe(0);
        expect(M).toBeGreaterThanOrEqual(Math.max(valid, minM));
        expect([...rows]).toEqual([...rows].toSorted((a, b) => a - b));
        expect(new Set(rows.slice(valid - 1)).size).toBe(1);
        expect(pickWeight.slice(valid * P).every((weight) => weight === 0)).toBe(true);
        expect(lseWeight.slice(valid).every((weight) => weight === 0)).toBe(true);
      }
      expect(logitDiff(batch, { minP: 30 }).P).toBe(30);
    }),
  );
});

test('accuracy counts targets, one decision each', () => {
  const batch = padBatch([prompt], { batchSize: 1 });
  const objective = logitDiff(batch);
  const picked = Float64Array.from(objective.pickWeight, (weight, i) => (i < objective.P ? weight : -weight));
  expect(accuracy(objective, picked)).toEqual({ right: 1, of: 2 });
});

const of = (example: Example) => padBatch([example], { batchSize: 1 });

test('objectives that a task cannot give are errors with their cure', () => {
  const sequence: Example = { kind: 'sequence', id: 's', line: 5, prompt: [1], goodAnswer: [2, 3], badAnswer: [] };
  const both: Example = { ...sequence, badAnswer: [4] };
  expect(messageOf(() => logitDiff(of(sequence)))).toBe(
    'TaskError: line 5: a logit difference needs answers of a single token, got answers of 2 and 0 tokens in s. Use ' +
      'the sequence log-probability difference, or choose other answers.',
  );
  expect(messageOf(() => logitDiff(of(text)))).toBe(
    'TaskError: line 4: a logit difference needs a good and a bad answer at every target, got no target in t. Add ' +
      '"targets" with "good" and "bad" to the row, or use the loss over all tokens.',
  );
  expect(messageOf(() => logitDiff(of({ ...prompt, targets: [{ pos: 1, good: [4], bad: [] }] })))).toContain(
    'got a target without bad in p',
  );
  expect(messageOf(() => logProbDiff(of(sequence)))).toBe(
    'TaskError: line 5: a sequence difference needs a row for the good and one for the bad answer, got no bad answer ' +
      'in s. Add "wrong_answers".',
  );
  expect(messageOf(() => logProbDiff(padBatch([both], { batchSize: 1, sides: 'good' })))).toBe(
    'TaskError: line 5: a sequence difference needs a row for the good and one for the bad answer, got a batch of good ' +
      "answers alone. Make the batches with sides: 'both'.",
  );
  expect(messageOf(() => nll(of(text), { over: 'answers' }))).toBe(
    'TaskError: objective: a batch must have at least one place to look at, got none. Add targets to the examples, or ' +
      'use the loss over all tokens.',
  );
  expect(messageOf(() => nll(of(text), { over: 'weighted', p: 0 }))).toBe(
    'TaskError: p: must lie in (0, 1], got 0. Give 1 for no extra weight.',
  );
  expect(messageOf(() => accuracy(nll(of(text)), []))).toBe(
    'TaskError: accuracy: accuracy needs a difference between good and bad answers, got a loss. Build the objective ' +
      'with logitDiff or logProbDiff.',
  );
});

test('scores over all positions count each real token once and no dummy', () => {
  const batch = padBatch([prompt, text], { batchSize: 4 });
  const { clean, valid, M, weight } = scoreRows(batch, { positions: 'all', paired: false });
  expect(Array.from(clean.slice(0, valid))).toEqual([0, 1, 2, 8, 9, 10, 11, 12]);
  expect(M).toBe(8);
  expect(sum([...weight])).toBe(8);
});

test('scores over answers take pos - 1 of either side, once however often it is read', () => {
  const example: TokensExample = {
    ...prompt,
    targets: [prompt.targets[0] ?? { pos: 1, good: [], bad: [] }, ...prompt.targets],
    corruptTokens: [3, 3, 4, 5],
    corruptPositions: [2, 2, 4],
  };
  const batch = padBatch([text, example], { batchSize: 2 });
  const unpaired = scoreRows(batch, { positions: 'answer', paired: false });
  expect(Array.from(unpaired.clean.slice(0, unpaired.valid))).toEqual([8, 10]);
  const alone = padBatch([example], { batchSize: 2 });
  const rows = scoreRows(alone, { positions: 'answer', paired: true });
  expect(Array.from(rows.corrupt.slice(0, rows.valid))).toEqual([1, 3]);
  expect(Array.from(rows.times.slice(0, rows.valid))).toEqual([2, 1]);
  expect(sum([...rows.weight])).toBe(2);
  expect([...rows.example]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
});

test('scores of a sequence read both answers at every token that predicts one', () => {
  const example: Example = {
    kind: 'sequence',
    id: 's',
    line: 1,
    prompt: [1, 2],
    corruptPrompt: [1, 3],
    goodAnswer: [3, 4],
    badAnswer: [5],
  };
  const batch = padBatch([example], { batchSize: 1 });
  const { clean, corrupt, valid } = scoreRows(batch, { positions: 'answer', paired: true });
  expect(Array.from(clean.slice(0, valid))).toEqual([1, 2, 9]);
  expect([...corrupt]).toEqual([...clean]);
});

test('scores that need what is not there are errors with their cure', () => {
  const batch = padBatch([text], { batchSize: 1 });
  expect(messageOf(() => scoreRows(batch, { positions: 'answer', paired: false }))).toBe(
    'TaskError: scores: scores over the answer positions need targets, got examples without any. Add "targets" to the ' +
      'rows, or score all positions.',
  );
  expect(messageOf(() => scoreRows(batch, { positions: 'all', paired: true }))).toContain(
    'patching needs a corrupted side',
  );
});
