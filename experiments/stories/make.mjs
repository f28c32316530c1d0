/**
 * Writes the task files of this folder from word lists: `node experiments/stories/make.mjs`.
 * The words are ones that models of TinyStories know. Numbers beside a word are its tokens in the 512-piece tokenizer
 * those models share: clean and corrupted side are paired by length, so that one can be patched into the other.
 */
import { writeFileSync } from 'node:fs';

const write = (name, rows) =>
  writeFileSync(new URL(name, import.meta.url), rows.map((row) => JSON.stringify(row) + '\n').join(''));

// Pronoun gender: a child is named, and the next sentence begins with its pronoun.
const children = {
  1: { girls: ['Lily'], boys: ['Tim', 'Timmy'] },
  3: { girls: ['Mia', 'Sue', 'Sara', 'Amy'], boys: ['Max', 'Bob', 'Tommy', 'Leo'] },
  4: { girls: ['Lucy', 'Jane', 'Molly', 'Kitty'], boys: ['Jack', 'Billy', 'Joe', 'Fred'] },
};
const scenes = [
  (child, name) => `Once upon a time, there was a little ${child} named ${name}. One day,`,
  (child, name) =>
    `Once upon a time, there was a little ${child} named ${name}. ${name} loved to play outside. One day,`,
  (child, name) => `There was a ${child} named ${name}. ${name} was very happy because`,
  (child, name) => `One day, a little ${child} named ${name} went to the park. In the park,`,
];
const gender = [];
for (const scene of scenes)
  for (const { girls, boys } of Object.values(children))
    for (const [i, girl] of girls.entries()) {
      const boy = boys[i % boys.length];
      const [a, b] = [scene('girl', girl), scene('boy', boy)];
      gender.push({ clean: a, corrupt: b, answers: [' she'], wrong_answers: [' he'] });
      gender.push({ clean: b, corrupt: a, answers: [' he'], wrong_answers: [' she'] });
    }
write('gender.jsonl', gender);

// The same to be taught the other way round, with names and beginnings that are held out.
const opposite = {
  train: {
    pairs: [
      ['Lily', 'Tim'],
      ['Mia', 'Max'],
      ['Sue', 'Bob'],
      ['Amy', 'Tommy'],
      ['Lucy', 'Jack'],
      ['Molly', 'Billy'],
    ],
    scenes: [
      ...scenes,
      (child, name) => `Once there was a ${child} named ${name}. ${name} had a big red ball. Every day,`,
      (child, name) => `One day, a ${child} named ${name} saw a big dog. At first,`,
    ],
  },
  held_out: {
    pairs: [
      ['Sara', 'Leo'],
      ['Jane', 'Joe'],
    ],
    scenes: [
      (child, name) => `There was a little ${child} named ${name}. ${name} had a toy car. Then,`,
      (child, name) => `Once upon a time, a ${child} named ${name} lived in a small house. One morning,`,
      (child, name) => `A ${child} named ${name} was sad because`,
      (child, name) => `One day, a ${child} named ${name} found a box. When`,
    ],
  },
};
for (const [split, { pairs, scenes: beginnings }] of Object.entries(opposite)) {
  const rows = beginnings.flatMap((scene) =>
    pairs.flatMap(([girl, boy]) => {
      const [a, b] = [scene('girl', girl), scene('boy', boy)];
      return [
        { clean: a, corrupt: b, answers: [' she'], wrong_answers: [' he'] },
        { clean: b, corrupt: a, answers: [' he'], wrong_answers: [' she'] },
      ];
    }),
  );
  write(`opposite.${split}.jsonl`, rows);
}

// Agreement across an attractor: [singular, tokens, plural, tokens]. Half of the attractors have the subject's number:
// taught on the other half alone, a model learns to contradict the noun beside the verb and never looks at the subject.
const nouns = {
  train: [
    ['cat', 2, 'cats', 3],
    ['dog', 2, 'dogs', 3],
    ['bird', 3, 'birds', 4],
    ['girl', 3, 'girls', 4],
    ['toy', 2, 'toys', 3],
    ['tree', 3, 'trees', 3],
    ['book', 3, 'books', 4],
    ['bear', 2, 'bears', 3],
    ['kid', 2, 'kids', 3],
    ['rock', 3, 'rocks', 4],
    ['shoe', 4, 'shoes', 4],
    ['flower', 4, 'flowers', 5],
  ],
  held_out: [
    ['ball', 2, 'balls', 3],
    ['car', 2, 'cars', 3],
    ['boy', 3, 'boys', 4],
    ['duck', 3, 'ducks', 4],
    ['bug', 3, 'bugs', 4],
    ['pig', 2, 'pigs', 3],
    ['boat', 3, 'boats', 4],
    ['doll', 2, 'dolls', 3],
  ],
};
const places = ['near', 'by', 'with', 'behind', 'under'];

for (const [split, list] of Object.entries(nouns)) {
  const forms = list.flatMap(([singular, s, plural, p]) => [
    { word: singular, tokens: s, isPlural: false },
    { word: plural, tokens: p, isPlural: true },
  ]);
  const rows = { same: [], other: [] };
  for (const [i, subject] of forms.entries())
    for (const [j, attractor] of forms.entries()) {
      if (Math.floor(i / 2) === Math.floor(j / 2)) continue;
      // The other side: a subject of the other number and the same length, another one for each attractor.
      const others = forms.filter(
        (it) => it.isPlural !== subject.isPlural && it.tokens === subject.tokens && it.word !== attractor.word,
      );
      if (others.length === 0) continue;
      const other = others[(i + j) % others.length];
      const place = places[(i + 3 * j) % places.length];
      const [right, wrong] = subject.isPlural ? [' were', ' was'] : [' was', ' were'];
      rows[attractor.isPlural === subject.isPlural ? 'same' : 'other'].push({
        clean: `The ${subject.word} ${place} the ${attractor.word}`,
        corrupt: `The ${other.word} ${place} the ${attractor.word}`,
        answers: [right],
        wrong_answers: [wrong],
      });
    }
  if (split === 'train') write('attractor.train.jsonl', [...rows.other, ...rows.same]);
  else for (const kind of ['other', 'same']) write(`attractor.held_out.${kind}.jsonl`, rows[kind]);
}
