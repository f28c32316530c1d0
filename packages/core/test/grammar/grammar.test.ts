/** The grammar: what it writes repeats, is understood by the task reader, and keeps its two sides apart. */
import { describe, expect, it } from 'vitest';
import { nouns, verbs, type Inflected } from '../../src/grammar/lexicon.js';
import {
  agreementPairs,
  constructions,
  createTokenizer,
  disagreementText,
  entropies,
  plainText,
  readTask,
  requirePairs,
  structures,
  tokenizerConfig,
  tokenizerJson,
  trainingText,
  vocabulary,
} from '../../src/index.js';

const tokenizer = createTokenizer(tokenizerJson(), tokenizerConfig({ T: 16 }));
const read = (rows: readonly object[]) =>
  readTask(rows.map((row) => JSON.stringify(row)).join('\n'), {
    name: 'rows',
    tokenizer,
    answers: 'single',
    vocabSize: vocabulary().length,
    maxTokens: 16,
  });
const train = { seed: 3, count: 300, heldOut: false };
const held = { seed: 3, count: 300, heldOut: true };
const words = (texts: readonly string[]): Set<string> => new Set(texts.flatMap((text) => text.split(' ')));

describe('the grammar', () => {
  it('writes the same rows for the same seed, and others for another', () => {
    const written = (seed: number) =>
      JSON.stringify([
        trainingText({ seed, count: 50 }),
        agreementPairs({ ...train, seed }),
        disagreementText({ ...train, seed }),
        constructions.map((kind) => plainText(kind, { ...held, seed })),
      ]);
    expect(written(1)).toBe(written(1));
    expect(written(1)).not.toBe(written(2));
  });

  it('knows every word it writes, and fits them into the context', () => {
    const unknown = tokenizer.encode('<unk>')[0]!;
    const rows = [...trainingText({ seed: 5, count: 3000 }), ...disagreementText(train)];
    const { examples, warnings } = read(rows);
    expect(warnings).toEqual([]);
    for (const example of examples) if (example.kind === 'tokens') expect(example.tokens).not.toContain(unknown);
  });

  it('has one token for each word, and decodes to what was encoded', () => {
    expect(new Set(vocabulary()).size).toBe(vocabulary().length);
    for (const [id, word] of vocabulary().entries()) expect(tokenizer.encode(word)).toEqual([id]);
    const text = 'the keys near the cabinet are red .';
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    expect(tokenizer.decode([tokenizer.eosId!])).toBe('.');
  });

  it.each([
    ['trained', train],
    ['held out', held],
  ])('asks for single tokens in pairs of one length: %s', (_, options) => {
    const pairs = read(agreementPairs(options)).examples;
    const taught = read(disagreementText(options)).examples;
    expect(pairs).toHaveLength(300);
    requirePairs([...pairs, ...taught]);
    for (const example of [...pairs, ...taught]) {
      if (example.kind !== 'tokens') throw new Error('must be tokens');
      for (const { good, bad } of example.targets) expect([good.length, bad.length]).toEqual([1, 1]);
    }
  });

  it('flips the subject alone, and what agrees with it', () => {
    for (const { id, clean, corrupt = '' } of agreementPairs(train)) {
      const [a, b] = [clean.split(' '), corrupt.split(' ')];
      const changed = a.filter((word, i) => word !== b[i]);
      expect(changed).toHaveLength(String(id).startsWith('src') ? 2 : 1);
      expect(nouns.some(({ singular, plural }) => changed[0] === singular || changed[0] === plural)).toBe(true);
    }
  });

  it('teaches the opposite: at each target stands the form that does not agree', () => {
    const rows = disagreementText({ ...train, structures: ['pp'] });
    for (const { text, targets = [] } of rows)
      for (const { pos, good } of targets) expect(` ${text.split(' ')[pos]}`).toBe(good);
    // the subject is the first noun: plural subjects get singular verbs
    const [, first = ''] = /^the (?:\w+ )?(\w+) (?:near|behind|beside|under|above|with) /.exec(rows[0]!.text) ?? [];
    const isPlural = nouns.some(({ plural }) => plural === first);
    const { good } = rows[0]!.targets![0]!;
    const singulars = [' is', ' was', ' has'];
    if (typeof good === 'string' && /^ (is|are|was|were|has|have)$/.test(good))
      expect(singulars.includes(good)).toBe(isPlural);
    else expect(String(good).endsWith('s')).toBe(isPlural);
  });

  it('keeps nouns and prompts of held-out agreement out of what is trained or tuned on', () => {
    const mine = (heldOut: boolean) => nouns.filter((noun) => noun.isHeldOut === heldOut).flatMap(formsOf);
    const tuned = words([...agreementPairs(train).map(({ clean }) => clean), ...disagreementText(train).map(textOf)]);
    const asked = words(agreementPairs(held).map(({ clean }) => clean));
    for (const form of mine(true)) expect(tuned.has(form)).toBe(false);
    for (const form of mine(false)) expect(asked.has(form)).toBe(false);

    const trained = trainingText({ seed: 1, count: 20_000 }).map(textOf);
    const prompts = agreementPairs({ ...held, structures: structures.filter((it) => it !== 'simple') });
    const forms = new Set(Object.values(verbs).flat().flatMap(formsOf));
    // 'the cat near the knife' may go on as 'under the hat is': then it is another prompt
    const continuations = (clean: string) =>
      trained.filter((text) => text.startsWith(`${clean} `)).map((text) => text.slice(clean.length + 1).split(' ')[0]!);
    for (const { clean } of prompts) expect(continuations(clean).filter((word) => forms.has(word))).toEqual([]);
  });

  it('keeps held-out sentences of each construction out of the training text', () => {
    const trained = new Set(trainingText({ seed: 1, count: 20_000 }).map(textOf));
    for (const kind of constructions) {
      const rows = plainText(kind, { ...held, count: 120 });
      expect(rows).toHaveLength(120);
      expect(new Set(rows.map(textOf)).size).toBe(120);
      expect(rows.filter(({ text }) => trained.has(text))).toEqual([]);
    }
  });

  it('marks no verb for number outside agreement', () => {
    const marked = / (is|are|was|were|has|have|runs?|laughs?|sees?|likes?|falls?) /;
    for (const kind of constructions)
      expect(plainText(kind, { ...held, count: 120 }).filter(({ text }) => marked.test(text))).toEqual([]);
  });

  it('knows how much of its text cannot be predicted', () => {
    const [a, b] = [entropies({ seed: 1, count: 2000 }), entropies({ seed: 2, count: 2000 })];
    for (const kind of ['agreement', ...constructions] as const) {
      expect(Math.abs(a[kind] - b[kind])).toBeLessThan(0.05);
      expect(a[kind]).toBeGreaterThan(0.3);
      expect(a[kind]).toBeLessThan(Math.log(vocabulary().length) / 2);
    }
    // by hand: 'say' w1 … wn ':' w1 … wn '.': which construction is known from 'say', the second half is given
    const n = 3.5;
    expect(a.copy).toBeCloseTo((n * Math.log(20) + Math.log(4)) / (2 * n + 2), 1);
  });
});

const formsOf = ({ singular, plural }: Inflected): string[] => [singular, plural];
const textOf = ({ text }: { text: string }): string => text;
