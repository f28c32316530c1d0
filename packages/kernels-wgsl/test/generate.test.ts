/** Texts that are gone on with behind keys and values that were kept: what reading the whole text again for each token says. */
import { describe, expect, test } from 'vitest';
import {
  generate,
  generateAll,
  KeyValueCache,
  lastLogits,
  Random,
  type DeviceModel,
  type ModelConfig,
} from '@circuit-tuning/core';
import { relativeError } from '@circuit-tuning/testkit';
import { loadRandom } from './randomModel.js';
import { tinyGpt2, tinyLlama } from './tinyModels.js';

const likeliest = (logits: Float32Array): number => logits.indexOf(logits.reduce((a, b) => Math.max(a, b), -Infinity));

/** As it is without a cache. */
async function wholeAgain(model: DeviceModel, prompt: readonly number[], count: number): Promise<number[]> {
  const text = [...prompt];
  for (let i = 0; i < count; i++) text.push(likeliest(await lastLogits(model, text)));
  return text.slice(prompt.length);
}

function textOf(seed: number, length: number, { V }: ModelConfig): number[] {
  const random = new Random(seed);
  return Array.from({ length }, () => random.below(V));
}

const said = async (model: DeviceModel, prompt: readonly number[], maxTokens: number): Promise<number[]> => {
  const made: number[] = [];
  for await (const token of generate(model, prompt, { maxTokens })) made.push(token);
  return made;
};

describe.each([
  ['GPT-2', { ...tinyGpt2, T: 96 }],
  ['Llama with key/value heads for half of the query heads', { ...tinyLlama, K: 2, T: 96 }],
])('a tiny %s', (_, config) => {
  test('says of texts of several lengths what it says of each of them read whole', async () => {
    const model = await loadRandom(config);
    const cache = new KeyValueCache(model, 3);
    const texts = new Map([
      [2, textOf(1, 3, config)],
      [0, textOf(2, 62, config)],
    ]);
    const agrees = async (said: ReadonlyMap<number, Float32Array>): Promise<void> => {
      for (const [seat, logits] of said)
        expect(relativeError(logits, await lastLogits(model, texts.get(seat)!))).toBeLessThan(1e-5);
    };
    await agrees(await cache.start(texts));
    const next = new Random(3);
    for (let i = 0; i < 4; i++) {
      // the second grows out of the room that there is for 64 tokens
      const tokens = new Map([...texts.keys()].map((seat) => [seat, next.below(config.V)]));
      for (const [seat, token] of tokens) texts.get(seat)!.push(token);
      await agrees(await cache.next(tokens));
    }
    // another text in the place of one that was there, and a third, while the other stays
    for (const [seat, length] of [
      [0, 5],
      [1, 1],
    ] as const)
      texts.set(seat, textOf(seat + 4, length, config));
    await agrees(await cache.start(new Map([0, 1].map((seat) => [seat, texts.get(seat)!]))));
    for (const seat of [0, 1, 2]) texts.get(seat)!.push(7);
    await agrees(await cache.next(new Map([0, 1, 2].map((seat) => [seat, 7]))));
    cache.close();
  });

  test('goes on with the tokens that it says without a cache, one text or many at a time', async () => {
    const model = await loadRandom(config);
    const prompts = [4, 31, 1, 12, 60].map((length, i) => textOf(10 + i, length, config));
    const whole: number[][] = [];
    for (const prompt of prompts) {
      whole.push(await wholeAgain(model, prompt, 8));
      expect(await said(model, prompt, 8)).toEqual(whole.at(-1));
    }
    const lengths = [8, 2, 5, 1, 8];
    const all = (batchSize: number) =>
      generateAll(model, prompts, { maxTokens: 8, batchSize, isOver: (made, i) => made.length === lengths[i] });
    for (const batchSize of [1, 3, 8])
      expect(await all(batchSize)).toEqual(whole.map((made, i) => made.slice(0, lengths[i])));
  });
});

describe('keys and values that are kept', () => {
  const config = { ...tinyGpt2, T: 48 };
  const [one, other] = [textOf(1, 6, config), textOf(2, 9, config)];

  test('are given back with the last token, and where somebody stops before it', async () => {
    const model = await loadRandom(config);
    const held = (): number => model.session.bytes - model.session.sharedBytes;
    const before = held();
    expect(await said(model, one, 60)).toHaveLength(42);
    expect(held()).toBe(before);
    const tokens = generate(model, one, { maxTokens: 9 });
    await tokens.next();
    expect(held()).toBeGreaterThan(before);
    await tokens.return(undefined);
    expect(held()).toBe(before);
  });

  test('are not mixed up by two who generate in turns', async () => {
    const model = await loadRandom(config);
    const apart = [await said(model, one, 6), await said(model, other, 6)];
    const both = [one, other].map((prompt) => generate(model, prompt, { maxTokens: 6 }));
    const made: number[][] = [[], []];
    for (let i = 0; i < 6; i++)
      for (const [which, tokens] of both.entries()) made[which]!.push((await tokens.next()).value as number);
    expect(made).toEqual(apart);
  });
});
