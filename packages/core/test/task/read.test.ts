import { expect, test } from 'vitest';
import { subjectOf } from '../../src/task/example.js';
import { lintTask, readTask, requirePairs } from '../../src/task/index.js';
import { jsonl, wordTokenizer } from './words.js';

const name = 'task.jsonl';
const pair = { clean: 'The dogs', corrupt: 'The dog', answers: [' are'], wrong_answers: [' is'] };

test('a pair row becomes a prompt whose target lies just past its end', () => {
  const tokenizer = wordTokenizer();
  const { examples, kind, form } = readTask(jsonl({ id: 'a', ...pair }), { name, tokenizer });
  const [the, dogs, dog, are, is] = ['The', ' dogs', ' dog', ' are', ' is'].flatMap((word) => tokenizer.encode(word));
  expect({ kind, form }).toEqual({ kind: 'tokens', form: 'pair' });
  expect(examples).toEqual([
    {
      kind: 'tokens',
      id: 'a',
      line: 1,
      tokens: [the, dogs],
      targets: [{ pos: 2, good: [are], bad: [is] }],
      corruptTokens: [the, dog],
      corruptPositions: [2],
    },
  ]);
});

test('flip swaps the answers of a pair and leaves its text', () => {
  const tokenizer = wordTokenizer();
  const [straight] = readTask(jsonl(pair), { name, tokenizer }).examples;
  const [flipped] = readTask(jsonl(pair), { name, tokenizer, flip: true }).examples;
  if (straight?.kind !== 'tokens' || flipped?.kind !== 'tokens') throw new Error('expected token examples');
  expect(flipped.tokens).toEqual(straight.tokens);
  expect(flipped.targets[0]?.good).toEqual(straight.targets[0]?.bad);
  expect(flipped.targets[0]?.bad).toEqual(straight.targets[0]?.good);
});

test('one answer of several tokens makes the whole file sequences', () => {
  const tokenizer = wordTokenizer();
  const long = { clean: 'The cats', answers: [' we+re'], wrong_answers: [' was'] };
  const { examples, kind } = readTask(jsonl(pair, long), { name, tokenizer });
  expect(kind).toBe('sequence');
  expect(examples.map((example) => example.kind === 'sequence' && example.goodAnswer.length)).toEqual([1, 2]);
  const [first] = examples;
  expect(first?.kind === 'sequence' && first.corruptPrompt).toEqual(tokenizer.encode('The dog'));
});

test('answers: sequence keeps single tokens as sequences and warns where more than one answer is given', () => {
  const both = { ...pair, answers: [' are', ' were'] };
  const { kind, warnings } = readTask(jsonl(both), { name, tokenizer: wordTokenizer(), answers: 'sequence' });
  expect(kind).toBe('sequence');
  expect(warnings).toEqual(['line 1: of several answers only the first is compared as a sequence']);
});

test('positions of a text count its own tokens, whether or not a bos goes in front', () => {
  const row = { text: 'The dogs are here', targets: [{ pos: 2, good: ' are', bad: [' is', ' was'] }] };
  const plain = readTask(jsonl(row), { name, tokenizer: wordTokenizer() }).examples[0];
  const withBos = readTask(jsonl(row), { name, tokenizer: wordTokenizer({ addsBos: true, bosId: 1 }) }).examples[0];
  if (plain?.kind !== 'tokens' || withBos?.kind !== 'tokens') throw new Error('expected token examples');
  expect(plain.tokens[2]).toBe(plain.targets[0]?.good[0]);
  expect(plain.targets[0]?.bad.length).toBe(2);
  expect(withBos.tokens).toEqual([1, ...plain.tokens]);
  expect(withBos.targets[0]?.pos).toBe(3);
});

test('the subject of a row counts the tokens of its text; without one it is where the sides differ before the answer', () => {
  const row = { text: 'The dogs are here', targets: [{ pos: 2, good: ' are', bad: ' is' }] };
  const subject = (rows: object, bos = false): readonly number[] => {
    const tokenizer = wordTokenizer({ addsBos: bos, bosId: 1 });
    const [example] = readTask(jsonl(rows), { name, tokenizer }).examples;
    return example?.kind === 'tokens' ? subjectOf(example) : [];
  };
  expect(subject({ ...row, subject: [0, 1] })).toEqual([0, 1]);
  expect(subject({ ...row, subject: [0, 1] }, true)).toEqual([1, 2]);
  expect(subject({ ...row, corrupt_text: 'The cats are there' })).toEqual([1]);
  expect(subject({ ...row, corrupt_text: 'The cats are over there' })).toEqual([]);
  expect(subject(row)).toEqual([]);
  expect(subject(pair)).toEqual([1]);
});

test('flip writes the new good answer into a text that says the old one', () => {
  const row = { tokens: [5, 6, 7, 8], targets: [{ pos: 2, good: 7, bad: 9 }] };
  const [example] = readTask(jsonl(row), { name, flip: true }).examples;
  expect(example).toMatchObject({ tokens: [5, 6, 9, 8], targets: [{ pos: 2, good: [9], bad: [7] }] });
});

test('ready ids need no tokenizer, and keep their corrupted side', () => {
  const row = { tokens: [5, 6], corrupt_tokens: [5, 4], targets: [{ pos: 2, good: 7, bad: [8, 9] }] };
  expect(readTask(jsonl(row), { name, vocabSize: 10, maxTokens: 2 }).examples).toEqual([
    {
      kind: 'tokens',
      id: 'task.jsonl:1',
      line: 1,
      tokens: [5, 6],
      corruptTokens: [5, 4],
      corruptPositions: [2],
      targets: [{ pos: 2, good: [7], bad: [8, 9] }],
    },
  ]);
});

const svRow = (tokenizer: ReturnType<typeof wordTokenizer>) => {
  const id = (word: string) => tokenizer.encode(word, { addBos: false });
  return {
    clean_text: 'He goes and is here',
    corr_text: 'He go and are here',
    clean_verb_pos: [3, 1],
    corr_verb_pos: [3, 1],
    clean_verb_ids: [...id(' is'), ...id(' goes')],
    corr_verb_ids: [...id(' are'), ...id(' go')],
    clean_verbs: ['is', 'goes'],
    corr_verbs: ['are', 'go'],
    subj: 'He',
  };
};

test('a sentence pair has its targets in text order, and flip makes the other sentence the input', () => {
  const tokenizer = wordTokenizer();
  const row = svRow(tokenizer);
  const [straight] = readTask(jsonl(row), { name, tokenizer }).examples;
  const [flipped] = readTask(jsonl(row), { name, tokenizer, flip: true }).examples;
  if (straight?.kind !== 'tokens' || flipped?.kind !== 'tokens') throw new Error('expected token examples');
  expect(straight.targets.map(({ pos }) => pos)).toEqual([1, 3]);
  expect(straight.targets.map(({ pos }) => straight.tokens[pos])).toEqual(straight.targets.map(({ good }) => good[0]));
  expect(flipped.tokens).toEqual(straight.corruptTokens);
  expect(flipped.targets.map(({ pos }) => flipped.tokens[pos])).toEqual(flipped.targets.map(({ good }) => good[0]));
  expect(flipped.targets.map(({ bad }) => bad)).toEqual(straight.targets.map(({ good }) => good));
});

test('a minimal pair is cut after its shared words, so that only what differs is read', () => {
  const tokenizer = wordTokenizer();
  const row = { sentence_good: 'The dogs are here', sentence_bad: 'The dogs is here', UID: 'x' };
  const [example] = readTask(jsonl(row), { name, tokenizer }).examples;
  expect(example).toMatchObject({
    kind: 'sequence',
    prompt: tokenizer.encode('The dogs'),
    goodAnswer: tokenizer.encode(' are here'),
    badAnswer: tokenizer.encode(' is here'),
  });
});

test('a sentence that begins the other gives a token back, so that no answer is empty', () => {
  const tokenizer = wordTokenizer();
  const row = { sentence_good: 'He ran', sentence_bad: 'He ran it' };
  const [example] = readTask(jsonl(row), { name, tokenizer }).examples;
  expect(example).toMatchObject({ prompt: tokenizer.encode('He'), badAnswer: tokenizer.encode(' ran it') });
});

test('two equal sentences stay, with a warning: neither can win', () => {
  const row = { sentence_good: 'He ran', sentence_bad: 'He ran' };
  const { examples, warnings } = readTask(jsonl(row), { name, tokenizer: wordTokenizer() });
  expect(examples.length).toBe(1);
  expect(warnings).toEqual(['line 1: the two sentences are the same, neither can win: "He ran"']);
});

test('minimal pairs that differ from the first word on start at bos where there is one', () => {
  const tokenizer = wordTokenizer({ bosId: 1 });
  const [example] = readTask(jsonl({ sentence_good: 'Dogs bark', sentence_bad: 'Dog bark' }), {
    name,
    tokenizer,
  }).examples;
  expect(example).toMatchObject({ prompt: [1], goodAnswer: tokenizer.encode('Dogs bark') });
});

test('the prefix rows, AutoCircuit files, lists of strings and text rows of others are read as published', () => {
  const tokenizer = wordTokenizer();
  const read = (text: string) => readTask(text, { name, tokenizer });
  const prefix = {
    clean_prefix: 'The dogs',
    patch_prefix: 'The dog',
    clean_answer: ' are',
    patch_answer: ' is',
    case: 'p',
  };
  const [own] = read(jsonl(pair)).examples;
  expect(read(jsonl(prefix)).examples[0]).toEqual({ ...own });
  const autocircuit = read(JSON.stringify({ prompts: [{ ...pair, extra: 1 }], word_idxs: {} }, null, 2));
  expect(autocircuit.form).toBe('autocircuit');
  expect(autocircuit.examples[0]).toEqual({ ...own });
  const stories = read('["One day .", "The end ."]');
  expect(stories.examples.map(({ line }) => line)).toEqual([1, 2]);
  expect(stories.examples[0]).toMatchObject({ kind: 'tokens', targets: [] });
  expect(read(jsonl({ text: 'One day' })).form).toBe('text');
});

test('a byte order mark, Windows line ends and empty lines are no part of a task', () => {
  const text = `\uFEFF${JSON.stringify({ tokens: [1, 2] })}\r\n\r\n${JSON.stringify({ tokens: [3, 4] })}\r\n`;
  expect(readTask(text, { name }).examples.map(({ line }) => line)).toEqual([1, 3]);
});

test('plain text longer than the context is cut, and that is said', () => {
  const { examples, warnings } = readTask(jsonl({ tokens: [1, 2, 3, 4] }), { name, maxTokens: 3 });
  expect(examples[0]).toMatchObject({ tokens: [1, 2, 3] });
  expect(warnings).toEqual(["line 1: cut from 4 to 3 tokens, the model's context"]);
});

test('of plain texts a limit reads the first alone and says nothing of the others; rows with answers are all read', () => {
  const tokenizer = wordTokenizer();
  const texts = JSON.stringify(['One day', 'a very long story', 'another very long story']);
  const { examples, warnings } = readTask(texts, { name, tokenizer, maxTokens: 3, limit: 2 });
  expect(examples.map(({ line }) => line)).toEqual([1, 2]);
  expect(warnings).toEqual(["item 2: cut from 4 to 3 tokens, the model's context"]);
  expect(readTask(jsonl(pair, pair), { name, tokenizer, limit: 1 }).examples).toHaveLength(2);
});

test('pairs and answers that cannot show anything are warned about', () => {
  const rows = jsonl({ tokens: [1, 2], corrupt_tokens: [1, 2], targets: [{ pos: 2, good: 7, bad: 7 }] });
  expect(readTask(rows, { name }).warnings).toEqual([
    'line 1: the clean and the corrupted side are the same',
    'line 1: good and bad are the same token [7] at pos 2',
  ]);
});

test('a target whose text says neither answer is warned about: pos is probably off by one', () => {
  const row = { tokens: [1, 2, 3], targets: [{ pos: 1, good: 3, bad: 7 }] };
  expect(readTask(jsonl(row), { name }).warnings).toEqual([
    'line 1: the text has id 2 at pos 1, neither good [3] nor bad [7]: is pos right?',
  ]);
});

test('skip leaves out the rows that cannot be used and says which', () => {
  const { examples, skipped } = readTask(`{"tokens":[1,2]}\n{"tokens":[3,4}\n{"tokens":[99,1]}`, {
    name,
    skip: true,
    vocabSize: 50,
  });
  expect(examples.length).toBe(1);
  expect(skipped.map(({ line }) => line)).toEqual([2, 3]);
});

test('lint counts lengths, targets, pairs, duplicates and what was skipped', () => {
  const row = { tokens: [1, 2, 3], targets: [{ pos: 2, good: 3, bad: 4 }] };
  const other = { tokens: [1, 2, 3, 4, 5, 6, 7, 8, 9], corrupt_tokens: [1, 2, 3, 4, 5, 6, 7, 8, 8] };
  expect(lintTask(`${jsonl(row, row, other)}\nbroken`, { name })).toMatchObject({
    form: 'tokens',
    kind: 'tokens',
    examples: 3,
    targets: 2,
    pairs: 1,
    duplicates: 1,
    skipped: [{ line: 4 }],
    longest: 9,
    lengths: [
      { from: 0, to: 8, count: 2 },
      { from: 8, to: 16, count: 1 },
    ],
  });
});

test('sides of different length pass where only answer positions are scored and both are known', () => {
  const tokenizer = wordTokenizer();
  const row = { ...pair, corrupt: 'The very old dog' };
  const { examples } = readTask(jsonl(row), { name, tokenizer });
  expect(() => requirePairs(examples, { positions: 'answer' })).not.toThrow();
  expect(() => requirePairs(examples)).toThrow('2 and 4 tokens');
});
