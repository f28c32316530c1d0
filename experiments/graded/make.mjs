/**
 * Writes the task files of this folder: `node experiments/graded/make.mjs`. Copy, recall and succession are sentences of the
 * embedded grammar, cut where an answer begins; the stories are those of ../stories/gender.jsonl, to be gone on with.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const rowsIn = (path) =>
  readFileSync(new URL(path, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const write = (name, rows) =>
  writeFileSync(new URL(name, import.meta.url), rows.map((row) => JSON.stringify(row) + '\n').join(''));
const sentences = (kind) =>
  rowsIn(`../../packages/cli/assets/embedded/tasks/keep-${kind}.jsonl`).map(({ id, text }) => {
    const [before, after] = text.replace(/ \.$/, '').split(' : ');
    return { id, before, words: after.split(' ') };
  });

write(
  'copy.jsonl',
  sentences('copy').map(({ id, before, words }) => ({ id, clean: `${before} :`, answers: [` ${words.join(' ')}`] })),
);
// The grammar says the two in either order.
write(
  'recall.jsonl',
  sentences('recall').map(({ id, before, words: [a, b, and, c, d] }) => ({
    id,
    clean: `${before} :`,
    answers: [` ${a} ${b} ${and} ${c} ${d}`, ` ${c} ${d} ${and} ${a} ${b}`],
  })),
);
// Where a sequence begins is free, and how far it goes: asked for is the third word.
write(
  'succession.jsonl',
  sentences('succession').map(({ id, before, words: [a, b, c] }) => ({
    id,
    clean: `${before} : ${a} ${b}`,
    answers: [` ${c}`],
  })),
);
write(
  'stories.jsonl',
  rowsIn('../stories/gender.jsonl').map(({ clean, answers: [answer] }, i) => ({
    id: `${answer === ' she' ? 'girl' : 'boy'}-${i}`,
    clean,
    answers: answer === ' she' ? [' she', ' her'] : [' he', ' his', ' him'],
  })),
);
