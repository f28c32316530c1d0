import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { shared } from '@circuit-tuning/testkit';
import { byteLevelBpe, createTokenizer, type Tokenizer } from '../../src/model/tokenizer.js';
import { memorySource } from '../../src/io/source.js';
import { openSafetensors, readFloats, readInts } from '../../src/io/safetensors.js';
import {
  lintTask,
  logitDiff,
  makeBatches,
  nll,
  readTask,
  valueOf,
  type Objective,
  type Task,
} from '../../src/task/index.js';
import { jsonl } from './words.js';

const data = shared('data');
const models = shared('models');
const file = (path: string) => readFileSync(`${data}/${path}`, 'utf8');
const json = (path: string): Record<string, never> => JSON.parse(readFileSync(path, 'utf8'));

const gpt2 = (): Tokenizer =>
  createTokenizer(byteLevelBpe(json(`${data}/gpt2_bpe/encoder.json`), file('gpt2_bpe/vocab.bpe')));
const hitsOf = ({ examples }: Task) =>
  examples
    .flatMap((example) => (example.kind === 'tokens' ? example.targets.map((target) => ({ example, target })) : []))
    .filter(({ example, target }) => example.tokens[target.pos] === target.good[0]).length;

describe.skipIf(!data)('files of others (needs ../shared/data)', () => {
  // 9,722 verbs over both files: every corrupted one and all but nine clean ones stand where the authors say.
  test("the authors' sentence pairs hit their stored GPT-2 ids", () => {
    const tokenizer = gpt2();
    const names = ['sv/dev_3000.jsonl', 'sv/test_3000.jsonl'];
    const clean = names.map((name) => readTask(file(name), { name, tokenizer, vocabSize: 50_257, maxTokens: 1024 }));
    const flipped = names.map((name) => readTask(file(name), { name, tokenizer, flip: true }));
    expect(clean.map((task) => task.examples.length)).toEqual([3000, 3000]);
    expect(flipped.map(hitsOf)).toEqual([4763, 4959]);
    expect(clean.map(hitsOf).reduce((so, hits) => so + hits, 0)).toBe(9713);
    expect(clean.flatMap((task) => task.warnings).filter((text) => text.includes('is pos right?')).length).toBe(9);
    expect(lintTask(file('sv/dev_3000.jsonl'), { name: 'dev', tokenizer }).duplicates).toBe(35);
  });
});

describe.skipIf(!data || !models)(
  'files of others, with a small Llama tokenizer (needs ../shared/data and models)',
  () => {
    const tokenizer = models
      ? createTokenizer(
          json(`${models}/stories260K/tokenizer.json`),
          json(`${models}/stories260K/tokenizer_config.json`),
        )
      : undefined;
    const read = (name: string) => readTask(file(name), { name, tokenizer, vocabSize: 512, maxTokens: 512 });

    test('agreement prefixes of feature circuits become sequences, for "are" and "were" are several tokens here', () => {
      const task = read('feature_circuits_sva/nounpp_test.jsonl');
      expect(task.kind).toBe('sequence');
      expect(task.examples.length).toBe(480);
    });

    test('every BLiMP file gives a thousand pairs with something to compare', () => {
      for (const name of readdirSync(`${data}/blimp`).filter((name) => name.endsWith('.jsonl'))) {
        const { examples } = read(`blimp/${name}`);
        expect(examples.length).toBe(1000);
        for (const example of examples) {
          if (example.kind !== 'sequence') throw new Error('expected sequences');
          expect(Math.min(example.goodAnswer.length, example.badAnswer.length)).toBeGreaterThan(0);
        }
      }
    });

    test('stories are text for language modelling, cut to the context', () => {
      const task = read('tinystories/tinystories_1000.json');
      expect(task.examples.length).toBe(1000);
      expect(task.examples.every((e) => e.kind === 'tokens' && e.tokens[0] === 1 && e.tokens.length <= 512)).toBe(true);
    });

    test('sentence pairs made with GPT-2 tokens are refused', () => {
      expect(() => read('sv/dev_3000.jsonl')).toThrow('Use a model with the GPT-2 tokenizer');
    });
  },
);

const fixtures = shared('fixtures');

describe.skipIf(!fixtures)('numbers of PyTorch (needs ../shared/fixtures)', () => {
  test('loss and logit difference over the reference logits are the reference loss and metric', async () => {
    const file = await openSafetensors(
      memorySource('gpt2_tiny', new Uint8Array(readFileSync(`${fixtures}/gpt2_tiny.safetensors`))),
    );
    const { batch0, config } = JSON.parse(readFileSync(`${fixtures}/gpt2_tiny.json`, 'utf8'));
    const [ids, mask] = [await readInts(file, 'ids.clean'), await readInts(file, 'mask.clean')];
    const logits = await readFloats(file, 'logits.clean');
    const [B, T, V] = [batch0.clean_verb_pos.length, 12, config.vocab_size];
    const rows = Array.from({ length: B }, (_, b) => ({
      tokens: Array.from(ids.slice(b * T, (b + 1) * T)).filter((_, t) => mask[b * T + t] === 1),
      targets: batch0.clean_verb_pos[b].map((pos: number, at: number) => ({
        pos,
        good: batch0.clean_verb_ids[b][at],
        bad: batch0.corr_verb_ids[b][at],
      })),
    }));
    const { examples } = readTask(jsonl(...rows), { name: 'batch0', vocabSize: V });
    const [batch] = makeBatches(examples, { batchSize: B, bucket: T });
    if (!batch) throw new Error('expected a batch');
    const rowOf = (n: number) => logits.slice(n * V, (n + 1) * V);
    const measure = (objective: Objective) => {
      const picked = Float64Array.from(
        objective.ids,
        (id, i) => rowOf(objective.rows[Math.floor(i / objective.P)] ?? 0)[id] ?? NaN,
      );
      const lse = Float64Array.from(objective.rows, (n) => Math.log(rowOf(n).reduce((so, x) => so + Math.exp(x), 0)));
      return valueOf(objective, picked, lse).total;
    };
    expect(measure(nll(batch))).toBeCloseTo((await readFloats(file, 'loss.clean'))[0] ?? NaN, 5);
    expect(measure(logitDiff(batch))).toBeCloseTo((await readFloats(file, 'metric.clean'))[0] ?? NaN, 5);
  });
});
