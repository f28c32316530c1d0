/** `evaluate --grade`: answers that the model writes, graded by a rule. */
import { readFile } from 'node:fs/promises';
import {
  answersText,
  answerTask,
  gradeRules,
  readGradedRows,
  type AnsweredTask,
  type DeviceModel,
  type GradedRow,
  type GradeRule,
  type Model,
} from '@circuit-tuning/core';
import { Option, type Command } from 'commander';
import { refused, writeFile } from './files.js';
import { number, percent, table, withMargin } from './table.js';
import { count } from './values.js';

export interface GradeFlags {
  readonly grade?: GradeRule;
  readonly maxNewTokens: number;
  readonly stop: readonly string[];
  readonly answers?: string;
}

/** What asks for `--grade` to have an effect, as commander calls it. */
export const ofGrading = ['maxNewTokens', 'stop', 'answers'];

export const addGrading = (command: Command): Command =>
  command
    .addOption(new Option('--grade <rule>', 'have the model write the answers, and grade them').choices(gradeRules))
    .option('--max-new-tokens <n>', 'of --grade: the longest answer', count('--max-new-tokens', 1), 40)
    .option(
      '--stop <text>',
      'of --grade: ends an answer and is no part of it; may be given again',
      (text: string, before: readonly string[]): readonly string[] => [...before, text],
      [] as readonly string[],
    )
    .option('--answers <file>', 'of --grade: write each answer and its grade there, JSONL');

/** The task file again, as prompts and answers. */
export async function readToGrade(
  path: string,
  rule: GradeRule,
  { tokenizer, config }: Model,
  { maxNewTokens, limit }: { maxNewTokens: number; limit?: number | undefined },
): Promise<GradedRow[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => refused(error, path));
  const rows = readGradedRows(text, { name: path, tokenizer, rule, maxTokens: config.T, maxNewTokens });
  return rows.slice(0, limit);
}

export async function graded(
  model: DeviceModel,
  { tokenizer }: Model,
  rows: readonly GradedRow[],
  rule: GradeRule,
  flags: GradeFlags & { readonly batchSize: number },
  onProgress: (done: number, of: number) => void,
): Promise<AnsweredTask> {
  const { maxNewTokens, stop, batchSize, answers } = flags;
  // rows were read with it
  const found = await answerTask(model, tokenizer!, rows, { rule, maxNewTokens, stop, batchSize, onProgress });
  if (answers !== undefined) await writeFile(answers, answersText(found.rows));
  return found;
}

export function gradeTable({ rule, examples, accuracy, unanswered, f1, macro }: AnsweredTask['grades']): string {
  const { share, low, high } = accuracy;
  return table(
    [`answers, graded by ${rule}`, 'value'],
    [
      ['answers', number(examples)],
      ['right', percent(share)],
      ['95% interval', `${percent(low)} to ${percent(high)}`],
      ...(f1 ? [['F1 of words', withMargin(f1.mean, f1.margin)]] : []),
      ...(macro
        ? [
            [`precision, mean of ${macro.answers} answers`, number(macro.precision)],
            ['recall', number(macro.recall)],
            ['F1', number(macro.f1)],
          ]
        : []),
      ...(unanswered > 0 ? [['without an answer', number(unanswered)]] : []),
    ],
  );
}
