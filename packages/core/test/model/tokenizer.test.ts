import { readFileSync } from 'node:fs';
import { shared } from '@circuit-tuning/testkit';
import { describe, expect, it } from 'vitest';
import { byteLevelBpe, createTokenizer } from '../../src/model/tokenizer.js';
import type { Json } from '../../src/model/config.js';

const json = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Json;
const bpe = () => byteLevelBpe({ a: 0, b: 1, Ġ: 2, ab: 3, '#': 4, '##': 5, '<s>': 6 }, '#version: 0.2\na b\n# #\n');

describe('a tokenizer', () => {
  it('puts BOS first only where the files or the caller say so, and never appends EOS', () => {
    const plain = createTokenizer(bpe(), { bos_token: '<s>', eos_token: { content: '<s>' } });
    expect(plain).toMatchObject({ bosId: 6, eosId: 6, addsBos: false, V: 7 });
    expect(plain.encode('ab b')).toEqual([3, 2, 1]);
    expect(plain.encode('ab', { addBos: true })).toEqual([6, 3]);
    const asked = createTokenizer(bpe(), { bos_token: '<s>', add_bos_token: true, add_eos_token: true });
    expect(asked.encode('ab')).toEqual([6, 3]);
    expect(asked.encode('ab', { addBos: false })).toEqual([3]);
    expect(asked.encode('')).toEqual([6]);
  });

  it('keeps spaces as they are when it decodes, and decodes nothing to nothing', () => {
    const tokenizer = createTokenizer(bpe());
    expect(tokenizer.decode(tokenizer.encode('ab  b a'))).toBe('ab  b a');
    expect(tokenizer.decode([])).toBe('');
    expect(tokenizer.encode('')).toEqual([]);
  });

  it('keeps merges that look like comments', () => {
    expect(createTokenizer(bpe()).encode('##')).toEqual([5]);
  });

  it('refuses ids it does not have, and BOS where there is none', () => {
    const tokenizer = createTokenizer(bpe());
    expect(() => tokenizer.decode([1, 7])).toThrow(
      'tokenizer.json: token ids must be below 7, got 7. Take ids it knows.',
    );
    expect(() => tokenizer.encode('a', { addBos: true })).toThrow('must have a BOS token where one is to be put first');
  });
});

const path = shared('data/gpt2_bpe');
const rows = shared('data/sv/dev_3000.jsonl');
describe("GPT-2's tokenizer", () => {
  it.skipIf(!path || !rows)('finds the verbs of the sentence pairs at their ids (needs ../shared/data)', () => {
    const vocab = json(`${path}/encoder.json`) as Record<string, number>;
    const tokenizer = createTokenizer(byteLevelBpe(vocab, readFileSync(`${path}/vocab.bpe`, 'utf8')), {
      bos_token: '<|endoftext|>',
      eos_token: '<|endoftext|>',
    });
    expect(tokenizer).toMatchObject({ bosId: 50256, eosId: 50256, addsBos: false, V: 50257 });
    interface Row {
      corr_text: string;
      corr_verb_pos: number[];
      corr_verb_ids: number[];
    }
    const lines = readFileSync(rows!, 'utf8').trimEnd().split('\n').slice(0, 300);
    let verbs = 0;
    for (const line of lines) {
      const row = JSON.parse(line) as Row;
      const ids = tokenizer.encode(row.corr_text);
      expect(tokenizer.decode(ids)).toBe(row.corr_text);
      expect(row.corr_verb_pos.map((position) => ids[position])).toEqual(row.corr_verb_ids);
      verbs += row.corr_verb_ids.length;
    }
    expect(verbs).toBeGreaterThan(400);
    expect(tokenizer.decode([50256])).toBe('<|endoftext|>');
  });
});

describe.each(['stories280K-gpt', 'stories260K'])('the tokenizer of %s', (name) => {
  const folder = shared(`models/${name}`);
  it.skipIf(!folder)('gives the golden ids and text (needs ../shared/models)', () => {
    const tokenizer = createTokenizer(json(`${folder}/tokenizer.json`), json(`${folder}/tokenizer_config.json`));
    expect(tokenizer).toMatchObject({ bosId: 1, eosId: 2, addsBos: true, V: 512 });
    interface Golden {
      prompt: string;
      input_ids: number[];
      greedy_ids: number[];
      greedy_text: string;
    }
    for (const golden of JSON.parse(readFileSync(`${folder}/golden.json`, 'utf8')) as Golden[]) {
      expect(tokenizer.encode(golden.prompt)).toEqual(golden.input_ids);
      expect(tokenizer.decode(golden.input_ids)).toContain(golden.prompt);
    }
  });
});
