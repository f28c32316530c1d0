/** Scores that are kept apart, of examples and of places in a text: one pass finds what a pass for each of them does. */
import { describe, expect, test } from 'vitest';
import {
  attribute,
  attributeByPlace,
  byPosition,
  nodesOf,
  positionLabels,
  positionWays,
  Random,
  type AttributeOptions,
  type Example,
} from '@circuit-tuning/core';
import { relativeError } from '@circuit-tuning/testkit';
import { loadRandom } from './randomModel.js';
import { tinyGpt2, tinyLlama } from './tinyModels.js';

/** Of several lengths, with one answer or two. */
const examples = [6, 9, 12, 7, 11].map((length, i): Example & { readonly kind: 'tokens' } => {
  const random = new Random(13, i);
  const tokens = Array.from({ length }, () => random.below(40));
  const corruptTokens = tokens.map((token, t) => (t === 2 || t === 3 ? (token + 5) % 40 : token));
  const targets = [length, ...(i === 1 ? [length - 3] : [])].map((pos) => ({ pos, good: [i], bad: [20 + i] }));
  return { kind: 'tokens', id: `${i}`, line: i + 1, tokens, corruptTokens, targets };
});
/** Two rows each. */
const sequences = examples.map(({ id, line, tokens, corruptTokens }): Example => ({
  kind: 'sequence',
  id,
  line,
  prompt: tokens.slice(0, 5),
  goodAnswer: [1, 2, 3],
  badAnswer: [4, 5],
  corruptPrompt: corruptTokens!.slice(0, 5),
}));

type Case = [string, readonly Example[], Partial<AttributeOptions>];

describe.each([
  ['GPT-2', tinyGpt2, {}],
  ['Llama, its MLPs in blocks', tinyLlama, { mlpBlock: 8 }],
] as const)('of %s', async (_, config, convention) => {
  const nodes = nodesOf(config, convention);
  const base = { nodes, metric: 'logit_diff', ablation: 'patching', positions: 'all', batchSize: 3 } as const;
  /** With room for the scores of so many. */
  const room = (groups: number): number => 4 * groups * nodes.sources.length * nodes.reads.length;

  // Which hang on no part of a model.
  const once: readonly Case[] = [
    ['with room for two at once, and for few deltas', examples, { bytes: room(2), batchSize: 5 }],
    ['by EAP-IG-inputs', examples, { method: 'EAP-IG-inputs', steps: 2 }],
    ['by EAP-IG-activations', examples, { method: 'EAP-IG-activations', steps: 1, positions: 'answer' }],
  ];

  test.each([
    ...(config === tinyGpt2 ? once : []),
    ['at all positions', examples, {}],
    ['with means of all examples', examples, { ablation: 'mean' }],
    ['at the answers', examples, { positions: 'answer' }],
    ['of means over the answers', examples, { positions: 'answer', combine: 'mean-then-dot' }],
    ['of means over all positions', examples, { combine: 'mean-then-dot' }],
    ['with two rows each', sequences, { metric: 'logprob_diff' }],
    ['with two rows each, at the answers', sequences, { metric: 'logprob_diff', positions: 'answer' }],
  ] satisfies readonly Case[])(
    'scores of each example %s are those of one at a time',
    async (_what, given, options: Partial<AttributeOptions>) => {
      const model = await loadRandom(config);
      const all = { ...base, ...options, perExample: true };
      const together = await attribute(model, given, all);
      const apart = await attribute(model, given, { ...all, batchSize: 1 });
      expect(together.perExample).toHaveLength(given.length);
      for (const [i, each] of together.perExample!.entries())
        expect(relativeError(each, apart.perExample![i]!), given[i]!.id).toBeLessThan(2e-5);
      expect(relativeError(together.values, apart.values)).toBeLessThan(2e-5);
      const { values } = await attribute(model, given, { ...all, perExample: false });
      expect(relativeError(together.values, values)).toBeLessThan(2e-5);
    },
  );

  test.each(positionWays)('parts by %s are those that a pass for each finds, and add up to the whole', async (way) => {
    const model = await loadRandom(config);
    const { labels, values } = await byPosition(model, examples, { ...base, way });
    const whole = await attribute(model, examples, base);
    const sums = whole.values.map((_, edge) => values.reduce((sum, part) => sum + part[edge]!, 0));
    expect(relativeError(sums, whole.values)).toBeLessThan(2e-5);
    // a few of them: each has a program of its own
    for (const [i, label] of labels.entries()) {
      if (i % 4 !== 1) continue;
      const of = (example: Example, position: number): number | undefined =>
        positionLabels(example, way)[position] === label ? 0 : undefined;
      const [alone] = await attributeByPlace(model, examples, base, { count: 1, of });
      expect(relativeError(values[i]!, alone!), label).toBeLessThan(2e-5);
    }
  });

  test('parts are the same in several passes, where there is no room for all; how far it is is told either way', async () => {
    const model = await loadRandom(config);
    const told: string[] = [];
    const parts = (bytes?: number) =>
      byPosition(model, examples, {
        ...base,
        way: 'end',
        ablation: 'mean-positional',
        ...(bytes !== undefined && { bytes }),
        onProgress: (done, of) => told.push(`${done} of ${of}`),
      });
    const { labels, values } = await parts();
    expect(labels).toHaveLength(12);
    expect(told).toEqual(['12 of 24', '24 of 24']);
    told.length = 0;
    const few = await parts(room(5));
    expect(few.labels).toEqual(labels);
    for (const [i, part] of few.values.entries()) expect(relativeError(part, values[i]!)).toBeLessThan(2e-5);
    expect(told).toEqual([4, 8, 12, 16, 20, 24].map((done) => `${done} of 24`));
  });

  test('a search that keeps examples apart leaves another that does not as it was', async () => {
    const model = await loadRandom(config);
    const first = await attribute(model, examples, base);
    await attribute(model, examples, { ...base, perExample: true });
    expect((await attribute(model, examples, base)).values).toEqual(first.values);
  });
});
