/** Answers that a model writes and that are graded, and prejudice risk: by `evaluate`, and in a run. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  answerTask,
  generate,
  readGradedRows,
  type Answered,
  type Prejudice,
  type PrejudiceValue,
} from '@circuit-tuning/core';
import { openNodeModel } from '../src/nodeModel.js';
import { openBase } from '../src/prepare.js';
import { embedded } from '../src/home.js';
import { type } from './typed.js';

const rows = [
  { id: 'copy', clean: 'say kol mip :', answers: [' kol mip'] },
  { id: 'never', clean: 'say zed bim :', answers: [' bim zed'] },
  { id: 'days', clean: 'Tom waited : monday tuesday', answers: [' wednesday thursday', ' wednesday'] },
  { id: 'long', clean: 'say nib oss qua cor hab :', answers: [' nib oss qua cor hab'] },
  { id: 'count', clean: 'Tom counted : two three', answers: [' four'] },
];
let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'grading-'));
  writeFileSync(at('rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
});
afterAll(() => rmSync(folder, { recursive: true }));
const answersIn = (path: string): Answered[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Answered);

describe('answers that a model writes', () => {
  it('are what it says to one prompt at a time, however many it is given', async () => {
    const base = await openBase('embedded');
    const tokenizer = base.tokenizer!;
    const opened = await openNodeModel(base);
    const options = { rule: 'exact', maxNewTokens: 7, stop: [' .'] } as const;
    const asked = readGradedRows(readFileSync(at('rows.jsonl'), 'utf8'), {
      ...options,
      name: 'rows',
      tokenizer,
      maxTokens: base.config.T,
    });
    const singly: string[] = [];
    for (const { prompt } of asked) {
      const made: number[] = [];
      for await (const token of generate(opened.model, prompt, { maxTokens: 7 })) made.push(token);
      singly.push(` ${tokenizer.decode(made).split(' .')[0]!}`);
    }
    for (const batchSize of [2, 8]) {
      const { rows: answered, grades } = await answerTask(opened.model, tokenizer, asked, { ...options, batchSize });
      expect(answered.map(({ said }) => said)).toEqual(singly);
      expect(answered.map(({ right }) => right)).toEqual(singly.map((said, i) => rows[i]!.answers.includes(said)));
      expect(grades).toMatchObject({ rule: 'exact', examples: 5, unanswered: 0 });
    }
    opened.dispose();
  });

  it('are graded by evaluate, one line each', async () => {
    const how = ['--grade', 'contains', '--max-new-tokens', '7', '--stop', ' .', '--answers', at('answers.jsonl')];
    const { code, out } = await type('evaluate', '--model', 'embedded', '--task', at('rows.jsonl'), ...how, '--json');
    expect(code).toBe(0);
    const { graded } = JSON.parse(out) as { graded: { accuracy: { share: number } } };
    expect(graded.accuracy.share).toBe(0.8);
    const answers = answersIn(at('answers.jsonl'));
    expect(answers.map(({ id, right }) => [id, right])).toEqual(rows.map(({ id }) => [id, id !== 'never']));
    expect(answers[0]).toEqual({
      id: 'copy',
      prompt: 'say kol mip :',
      said: ' kol mip',
      answers: [' kol mip'],
      right: true,
      answer: 'kol mip',
    });
    const table = await type('evaluate', '--model', 'embedded', '--task', at('rows.jsonl'), ...how, '--limit', '1');
    expect(table.out).toMatch(/answers, graded by contains +value\n[^\n]+\nanswers +1\nright +100\.0%/);
  });

  it('are refused by a flag that would have no effect, and for rows that nothing can be graded by', async () => {
    const refused = async (...argv: string[]): Promise<string> => {
      const { code, err } = await type('evaluate', '--model', 'embedded', ...argv);
      expect(code).not.toBe(0);
      return err;
    };
    expect(await refused('--task', at('rows.jsonl'), '--max-new-tokens', '3')).toContain(
      '--max-new-tokens: takes effect only with --grade, got nothing. Leave it out.',
    );
    expect(await refused('--task', at('rows.jsonl'), '--grade', 'number')).toContain(
      'rows.jsonl line 1: an answer must hold a number to be graded by the rule number, got [" kol mip"].',
    );
    expect(await refused('--task', join(embedded, 'tasks/keep-copy.jsonl'), '--grade', 'exact')).toContain(
      'keep-copy.jsonl line 1: a row must have a prompt and answers to be graded by, got a row of the form text.',
    );
    expect(await refused('--task', at('rows.jsonl'), '--grade', 'exact', '--max-new-tokens', '500')).toContain(
      'prompt and answer must fit the model',
    );
  });
});

describe('a run', () => {
  it('grades answers before tuning and after it, keeps each, and measures prejudice with the target', async () => {
    const person = (group: string): string =>
      JSON.stringify({ clean: `the ${group} lost`, answers: [' his'], wrong_answers: [' her'], group });
    writeFileSync(at('people.jsonl'), ['nurse', 'pilot'].map(person).join('\n'));
    const task = (name: string): string => join(embedded, 'tasks', name);
    const experiment = {
      model: 'embedded',
      data: {
        task: task('agreement.jsonl'),
        prejudice: { people: 'people.jsonl' },
        graded: { copy: { task: 'rows.jsonl', rule: 'exact', max_new_tokens: 6, stop: [' .'] } },
      },
      discovery: { top_n: 20, limit: 8 },
      tuning: { methods: ['full'], steps: 1, batch_size: 2, learning_rate: 0.5 },
      evaluation: { faithfulness: [], limit: 4 },
    };
    writeFileSync(at('graded.yaml'), JSON.stringify(experiment));
    const { code, out } = await type('run', at('graded.yaml'), '--out', at('run'), '--json');
    expect(code).toBe(0);
    const { graded, base, methods } = JSON.parse(out) as {
      graded: { when: string; name: string; answers: string; examples: number }[];
      base: { prejudice: Record<string, PrejudiceValue> };
      methods: { prejudice: Record<string, PrejudiceValue> }[];
    };
    const onPeople = ['--model', 'embedded', '--task', at('people.jsonl'), '--prejudice', '--json'];
    const { prejudice } = JSON.parse((await type('evaluate', ...onPeople)).out) as { prejudice: Prejudice };
    expect(prejudice.groups.map(({ group }) => group).toSorted()).toEqual(['nurse', 'pilot']);
    expect(base.prejudice.people!.risk).toBeCloseTo(prejudice.risk.mean, 6);
    expect(methods[0]!.prejudice.people!.risk).not.toBeCloseTo(prejudice.risk.mean, 6);
    expect(graded.map(({ when, name, answers, examples }) => [when, name, answers, examples])).toEqual([
      ['before', 'copy', 'graded/before/copy.jsonl', 4],
      ['after:full', 'copy', 'graded/full/copy.jsonl', 4],
    ]);
    expect(answersIn(join(at('run'), 'graded/before/copy.jsonl')).map(({ right }) => right)).toEqual([true, false, false, true]); // prettier-ignore
    expect(readFileSync(join(at('run'), 'report.html'), 'utf8')).toContain('Answers that the model wrote');
    const unknown = await type('run', at('graded.yaml'), '--out', at('other'), '--set', 'data.graded.copy.rule=best');
    expect(unknown.err).toContain(
      'graded.yaml: data.graded.copy.rule: must be one of exact, contains, number, tagged, squad, got "best".',
    );
  });
});
