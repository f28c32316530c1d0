/** Scores at the answers, whose gradients are taken on the last rows of each example alone: the same as from a backward pass through all rows. */
import { describe, expect, test } from 'vitest';
import {
  attribute,
  attributeByPlace,
  type DeviceModel,
  measure,
  nodesOf,
  Random,
  type AttributeOptions,
  type Example,
} from '@circuit-tuning/core';
import { relativeError } from '@circuit-tuning/testkit';
import { loadRandom } from './randomModel.js';
import { tinyGpt2, tinyLlama } from './tinyModels.js';

/** Of `length` tokens, with an answer before each of the positions. */
function example(i: number, length: number, answers: readonly number[]): Example & { readonly kind: 'tokens' } {
  const random = new Random(11, i);
  const tokens = Array.from({ length }, () => random.below(40));
  const corruptTokens = tokens.map((token, t) => (t % 3 === 1 ? (token + 1) % 40 : token));
  const targets = answers.map((pos) => ({ pos, good: [random.below(20)], bad: [20 + random.below(20)] }));
  return { kind: 'tokens', id: `${i}`, line: i + 1, tokens, corruptTokens, targets };
}

/** Lengths differ, so rows are padded on the right; three batches of two, of which the last has a dummy. */
const single = [9, 12, 7, 11, 10].map((length, i) => example(i, length, [i % 2 ? length : length - 2]));
/** Answers up to 4 positions apart, two of them at one place; a tail that would leave its example begins earlier. */
const several = [
  example(5, 12, [8, 10, 10, 11]),
  example(6, 10, [3, 5]),
  example(7, 16, [16, 15, 13]),
  example(8, 9, [2, 5]),
];
const sequences = single.map((it, i): Example => ({
  kind: 'sequence',
  id: it.id,
  line: it.line,
  prompt: it.tokens.slice(0, 6 + i),
  goodAnswer: [1, 2, 3],
  badAnswer: [4, 5],
  corruptPrompt: it.corruptTokens!.slice(0, 6 + i),
}));

/** The answers among all positions, which are scored in one pass: it goes backward through all rows. */
const answers = {
  count: 2,
  of: (it: Example, position: number) =>
    it.kind === 'tokens' && it.targets.some(({ pos }) => pos === position + 1) ? 0 : 1,
};

describe.each([
  ['GPT-2', tinyGpt2, {}],
  ['GPT-2, without input and logits', tinyGpt2, { convention: 'circuit-tuning' }],
  ['Llama, its MLPs in blocks', tinyLlama, { mlpBlock: 8 }],
] as const)('answers of %s', async (_, config, convention) => {
  const nodes = nodesOf(config, convention);
  const base = { nodes, metric: 'logit_diff', positions: 'answer', batchSize: 2 } as const;
  const values = async (on: DeviceModel, examples: readonly Example[], options: Partial<AttributeOptions>) =>
    attribute(on, examples, { ...base, ablation: 'zero', ...options });

  test.each(['patching', 'mean', 'mean-positional', 'zero'] as const)(
    'have the scores under %s that a backward pass through every row gives',
    async (ablation) => {
      const model = await loadRandom(config);
      for (const [what, examples, batchSize] of [
        ['one each', single, 2],
        ['one each, in one batch', single, 8],
        ['several each', several, 3],
      ] as const) {
        const tail = await values(model, examples, { ablation, batchSize });
        const everywhere = { ...base, ablation, batchSize, positions: 'all' } as const;
        const [all] = await attributeByPlace(model, examples, everywhere, answers);
        expect(Math.max(...all!.map(Math.abs)), what).toBeGreaterThan(1e-3);
        expect(relativeError(tail.values, all!), what).toBeLessThan(2e-5);
        const { value } = await measure(model, examples, { metric: 'logit_diff', batchSize });
        expect(tail.metric, what).toBeCloseTo(value, 4);
      }
    },
  );

  // An example with answers at both ends has no tail, and then no other of the same call has one.
  test('have the same scores beside an example whose answers lie too far apart for that', async () => {
    const model = await loadRandom(config);
    for (const [examples, options] of [
      [several, { combine: 'mean-then-dot' }],
      [several, { combine: 'mean-then-dot', ablation: 'patching', metric: 'nll_answers' }],
      [sequences, { metric: 'logprob_diff', ablation: 'patching' }],
      [sequences, { metric: 'logprob_diff', combine: 'mean-then-dot' }],
    ] satisfies [readonly Example[], Partial<AttributeOptions>][]) {
      const apart: Example =
        examples === several
          ? example(9, 16, [2, 15])
          : { ...sequences[0]!, kind: 'sequence', id: 'long', line: 9, prompt: [1], corruptPrompt: [2], goodAnswer: Array<number>(12).fill(3), badAnswer: [4] }; // prettier-ignore
      const all = await values(model, [...examples, apart], { ...options, perExample: true });
      for (const [i, it] of examples.entries()) {
        const { values: alone } = await values(model, [it], { ...options, batchSize: 1, bucket: 16 });
        expect(relativeError(alone, all.perExample![i]!), `${it.id} ${JSON.stringify(options)}`).toBeLessThan(2e-5);
      }
    }
  });

  test('come to the same bits twice', async () => {
    const model = await loadRandom(config);
    const first = await values(model, several, { ablation: 'mean' });
    expect((await values(model, several, { ablation: 'mean' })).values).toEqual(first.values);
  });
});
