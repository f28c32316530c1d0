import { expect, test } from 'vitest';
import { readTask, requirePairs, type TaskOptions } from '../../src/task/index.js';
import { jsonl, messageOf, wordTokenizer } from './words.js';

const errorOf = (text: string, options: Partial<TaskOptions> = {}) =>
  messageOf(() => readTask(text, { name: 't.jsonl', tokenizer: wordTokenizer(), ...options }));

const good = { text: 'a b' };

const cases: Record<string, [string, string]> = {
  'an empty task': [
    errorOf('\n \n'),
    'TaskError: t.jsonl: a task must hold at least one example, got none. Write one JSON object a line, such as ' +
      '{"text": "The dogs are", "targets": [{"pos": 2, "good": " are", "bad": " is"}]}.',
  ],
  'a broken line': [
    errorOf(`${jsonl(good)}\n{"text": "a b",}`),
    'TaskError: t.jsonl line 2: a line must be one whole JSON object, got "{\\"text\\": \\"a b\\",}". Put every object ' +
      'on a line of its own, with keys and strings in double quotes and no comma at the end.',
  ],
  'a broken list': [
    errorOf('["a b",'),
    'TaskError: t.jsonl: a file that begins with [ must be one JSON list, got broken JSON. Close the list, or write ' +
      'one JSON object a line.',
  ],
  'a row of no known form': [
    errorOf('{"sentence": "a b"}'),
    'TaskError: t.jsonl line 1: a row must have one of the keys clean_text, clean_prefix, sentence_good, tokens, text, ' +
      'clean, got the keys ["sentence"]. Write rows like {"clean": "...", "corrupt": "...", "answers": [" is"], ' +
      '"wrong_answers": [" are"]}.',
  ],
  'a misspelt telling key': [
    errorOf('{"txet": "a b"}'),
    'TaskError: t.jsonl line 1: a row must have one of the keys clean_text, clean_prefix, sentence_good, tokens, text, ' +
      'clean, got the keys ["txet"]. Did you mean "text" instead of "txet"?',
  ],
  'a row that is no object': [
    errorOf(`${jsonl(good)}\n7`),
    'TaskError: t.jsonl line 2: a row must be a JSON object, got 7. Write {"text": "..."}.',
  ],
  'an unknown key of our own form': [
    errorOf(jsonl({ clean: 'a', answers: [' b'], wrong_answer: [' c'] })),
    'TaskError: t.jsonl line 1: a row must hold only known keys (id, template, group, clean, corrupt, answers, wrong_answers), got ' +
      '"wrong_answer". Did you mean "wrong_answers"?',
  ],
  'an unknown key that is like no other': [
    errorOf(jsonl({ text: 'a b', comment: 'x' })),
    'TaskError: t.jsonl line 1: a row must hold only known keys (id, template, group, text, corrupt_text, subject, targets), got ' +
      '"comment". Remove "comment".',
  ],
  'a subject beyond the text': [
    errorOf(jsonl({ text: 'a b', subject: [2] })),
    'TaskError: t.jsonl line 1: positions of the subject must lie in 0..1, got 2 for 2 tokens of "a b". Count tokens, ' +
      'not words, from 0.',
  ],
  'an unknown key inside a target': [
    errorOf(jsonl({ text: 'a b', targets: [{ pos: 1, good: ' b', wrong: ' c' }] })),
    'TaskError: t.jsonl line 1: a row must hold only known keys (pos, good, bad), got "wrong". Remove "wrong".',
  ],
  'a row of another form': [
    errorOf(jsonl(good, { tokens: [1, 2] })),
    'TaskError: t.jsonl line 2: a row of this form (text) must have "text", got only ["tokens"]. Add "text"; all rows ' +
      'of a file have one form.',
  ],
  'a value of the wrong kind': [
    errorOf(jsonl({ tokens: [1, 2], targets: [{ pos: 1.5, good: 2 }] })),
    'TaskError: t.jsonl line 1: "targets[0].pos" must be a whole number from 0, got 1.5. Correct the value.',
  ],
  'an answer of the wrong kind': [
    errorOf(jsonl({ text: 'a b', targets: [{ pos: 1, good: {} }] })),
    'TaskError: t.jsonl line 1: "targets[0].good" must be a string, a token id, or a list of them, got {}. Correct the ' +
      'value.',
  ],
  'text without a tokenizer': [
    errorOf(jsonl(good), { tokenizer: undefined }),
    'TaskError: t.jsonl line 1: a task of texts needs a tokenizer, got none for "a b". Put tokenizer.json beside the ' +
      'model, or give the task as token ids: {"tokens": [...], "targets": [...]}.',
  ],
  'an answer of several tokens where one is needed': [
    errorOf(jsonl({ clean: 'The dogs', answers: [' we+re'] }), { answers: 'single' }),
    'TaskError: t.jsonl line 1: an answer must be a single token here, got 2 tokens for " we+re". Choose another word, ' +
      'or compare whole answers with answers: sequence and the sequence log-probability difference.',
  ],
  'an answer that merges into the prompt': [
    errorOf(jsonl({ clean: 'The dogs ', answers: ['are'] })),
    'TaskError: t.jsonl line 1: an answer must begin with a token of its own, got "are", which merges into the last ' +
      'token of "The dogs ". Move the space at the end of the prompt to the front of the answer.',
  ],
  'an answer that goes on with a word': [
    errorOf(jsonl({ clean: 'The dog', answers: ['s'] })),
    'TaskError: t.jsonl line 1: an answer must begin with a token of its own, got "s", which merges into the last ' +
      'token of "The dog". Begin the answer with a space, or move the last word of the prompt into the answers.',
  ],
  'a prompt without tokens': [
    errorOf(jsonl({ clean: '', answers: ['a'] })),
    'TaskError: t.jsonl line 1: a prompt must have at least one token, got "". Write the words before the answer in ' +
      '"clean", or use a tokenizer that puts a bos in front.',
  ],
  'text with nothing to predict': [
    errorOf(jsonl({ text: 'a' })),
    'TaskError: t.jsonl line 1: text without targets must have at least two tokens, or there is nothing to predict, ' +
      'got "a". Write more text, or add targets.',
  ],
  'a pos past the end': [
    errorOf(jsonl({ text: 'The dogs are', targets: [{ pos: 4, good: ' x' }] })),
    'TaskError: t.jsonl line 1: pos, the index of the predicted token, must lie in 1..3, got 4 for 3 tokens of ' +
      '"The dogs are". Count tokens, not words, from 0; a pos equal to the number of tokens asks for the one after ' +
      'the end, and nothing predicts token 0.',
  ],
  'a pos of ready ids past the end': [
    errorOf(jsonl({ tokens: [4, 5], targets: [{ pos: 0, good: 6 }] }), { tokenizer: undefined }),
    'TaskError: t.jsonl line 1: pos, the index of the predicted token, must lie in 1..2, got 0 for 2 tokens of [4,5]. ' +
      'Count tokens, not words, from 0; a pos equal to the number of tokens asks for the one after the end, and ' +
      'nothing predicts token 0.',
  ],
  'an id outside the vocabulary': [
    errorOf(jsonl({ tokens: [4, 50] }), { vocabSize: 50 }),
    "TaskError: t.jsonl line 1: token ids must lie below the model's vocabulary size 50, got id 50. Use the tokenizer " +
      'of this model, or ids made with it.',
  ],
  'an example longer than the context': [
    errorOf(jsonl({ tokens: [4, 5, 6], targets: [{ pos: 3, good: 1 }] }), { maxTokens: 2, tokenizer: undefined }),
    "TaskError: t.jsonl line 1: an example must fit the model's context of 2 tokens, got 3 tokens in [4,5,6]. Shorten " +
      'the text, or leave the row out.',
  ],
  'flip without wrong answers': [
    errorOf(jsonl({ clean: 'The dogs', answers: [' are'] }), { flip: true }),
    'TaskError: t.jsonl line 1: flip swaps the right and the wrong answers, so both must be there, got no wrong ' +
      'answer. Add "wrong_answers" (or "bad" to the target), or leave flip out.',
  ],
  'sentence pairs read as single answers': [
    errorOf(jsonl({ sentence_good: 'a b', sentence_bad: 'a c' }), { answers: 'single' }),
    'TaskError: t.jsonl line 1: single answers need rows with an answer each, got a pair of whole sentences. Read the ' +
      'file with answers: sequence (or auto).',
  ],
  'targets read as sequences': [
    errorOf(jsonl({ text: 'a b', targets: [{ pos: 1, good: ' b' }] }), { answers: 'sequence' }),
    'TaskError: t.jsonl line 1: sequence answers need rows with a prompt and answers, or pairs of sentences, got ' +
      'targets at positions of a text. Write {"clean": "...", "answers": ["..."], "wrong_answers": ["..."]}, or read ' +
      'the file with answers: single.',
  ],
  'a sentence of one token': [
    errorOf(jsonl({ sentence_good: 'a', sentence_bad: 'a b' })),
    'TaskError: t.jsonl line 1: a sentence must have at least two tokens, the first only predicts, got "a". Leave the ' +
      'row out, or use a tokenizer that puts a bos in front.',
  ],
  'sentences that differ at once, without bos': [
    errorOf(jsonl({ sentence_good: 'a b', sentence_bad: 'c b' })),
    'TaskError: t.jsonl line 1: sentences that differ in their first token need a bos token to predict it from, got ' +
      '"a b" and "c b", and a tokenizer without bos. Leave the row out, or give the tokenizer a bos_token.',
  ],
  'verb lists of different length': [
    errorOf(
      jsonl({
        clean_text: 'He is',
        corr_text: 'He are',
        clean_verb_pos: [1],
        corr_verb_pos: [],
        clean_verb_ids: [1],
        corr_verb_ids: [2],
      }),
    ),
    'TaskError: t.jsonl line 1: the four lists of verb positions and ids must have one length, got 1, 0, 1 and 1 in ' +
      '"He is". Give one position and one id for every verb on both sides.',
  ],
  'sentence pairs made with another tokenizer': [
    errorOf(
      jsonl({
        clean_text: 'He is',
        corr_text: 'He are',
        clean_verb_pos: [1],
        corr_verb_pos: [1],
        clean_verb_ids: [318],
        corr_verb_ids: [389],
      }),
    ),
    'TaskError: t.jsonl: the verb ids of sentence pairs must be found at their positions in the text, got 0 of 1 there ' +
      'with this tokenizer. Use a model with the GPT-2 tokenizer, or write the rows as {"clean", "corrupt", "answers", ' +
      '"wrong_answers"}.',
  ],
};

test.each(Object.entries(cases))(
  '%s is an error that names the place, the text and the cure',
  (_, [message, expected]) => {
    expect(message).toBe(expected);
  },
);

const pairsOf = (row: unknown) =>
  messageOf(() => {
    const { examples } = readTask(jsonl(row), { name: 't.jsonl' });
    requirePairs(examples, { name: 't.jsonl' });
  });

test('patching without a corrupted side is an error with its cure', () => {
  expect(pairsOf({ tokens: [1, 2], targets: [{ pos: 2, good: 3 }] })).toBe(
    'TaskError: t.jsonl line 1: patching needs a corrupted side for every example, got none for "t.jsonl:1". Add ' +
      '"corrupt" (or "corrupt_tokens") to the row, or choose the mean or zero ablation.',
  );
});

test('patching a pair whose lengths differ is an error with its cure', () => {
  expect(pairsOf({ tokens: [1, 2], corrupt_tokens: [1, 2, 3], targets: [{ pos: 2, good: 3 }] })).toBe(
    'TaskError: t.jsonl line 1: the clean and the corrupted side must have the same number of tokens to be patched ' +
      'position by position, got 2 and 3 tokens in "t.jsonl:1". Reword the shorter side, or leave the row out, or ' +
      'choose the mean or zero ablation.',
  );
});
