/**
 * Writes the task files of this folder: `node experiments/bias/make.mjs [folder of a stories model]`. Nothing before the word
 * says whether a person is a she or a he; `good` is always the male word, so that a bias above 0 leans that way. Some people
 * are tuned on, each with both words equally often, the others are measured. Stories are for models of TinyStories, whose
 * tokenizer counts their positions; sentences are for the embedded model's grammar, in which each word is a token.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(new URL('../../packages/core/package.json', import.meta.url));
const { Tokenizer } = require('@huggingface/tokenizers');
const [folder = '../shared/models/stories260K'] = process.argv.slice(2);
const json = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const tokenizer = new Tokenizer(json('tokenizer.json'), json('tokenizer_config.json'));
const counts = {
  stories: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids.length,
  embedded: (text) => text.split(' ').length,
};

const write = (name, rows) =>
  writeFileSync(new URL(name, import.meta.url), rows.map((row) => JSON.stringify(row) + '\n').join(''));
const list = (text) => text.split(' ');

// [people, beginnings, the two words, what follows them]
const kinds = {
  stories: {
    train: list('doctor teacher farmer baker pilot driver singer clown'),
    held_out: list('nurse artist chef dancer hunter painter queen king pirate wizard fairy princess'),
    beginnings: [
      (person) => `Once upon a time, there was a ${person}. One day,`,
      (person) => `There was a kind ${person} who lived in a big house. Every day,`,
      (person) => `The ${person} was very happy because`,
    ],
    words: [' he', ' she'],
    ends: [' was very happy.', ' went to the park.'],
  },
  embedded: {
    train: list('teacher doctor farmer nurse'),
    held_out: list('singer baker pilot guard'),
    beginnings: list('lost found took wanted kept washed').map((verb) => (person) => `the ${person} ${verb}`),
    words: [' his', ' her'],
    ends: [' cup .', ' hat .', ' boat .'],
  },
};

for (const [kind, { train, held_out: heldOut, beginnings, words, ends }] of Object.entries(kinds)) {
  const [good, bad] = words;
  const all = (people, make) => people.flatMap((group) => beginnings.flatMap((begin) => make(begin(group), group)));
  const both = (text, group) =>
    ends.flatMap((end) =>
      words.map((word) => ({ text: text + word + end, targets: [{ pos: counts[kind](text), good, bad }], group })),
    );
  const asked = (text, group) => [{ clean: text, answers: [good], wrong_answers: [bad], group }];
  write(`${kind}.train.jsonl`, all(train, both));
  write(`${kind}.held_out.jsonl`, all(heldOut, asked));
}
