/** Rows whose answers are written by the model and graded: a prompt, and the texts that are right. */
import { show, TaskError } from '../errors.js';
import { bosOf } from './answers.js';
import type { TaskTokenizer } from './example.js';
import { requireGradable, type GradeRule } from './grades.js';
import { checkRow, isRecord, rowsOf, tellForm } from './parse.js';

export interface GradedRow {
  readonly id: string;
  readonly line: number;
  readonly text: string;
  /** With the bos that the tokenizer adds. */
  readonly prompt: readonly number[];
  readonly answers: readonly string[];
}

export interface GradedRowsOptions {
  /** What errors call the file. */
  readonly name: string;
  readonly tokenizer: TaskTokenizer | undefined;
  readonly rule: GradeRule;
  /** The model's longest context, and how many of its tokens the answer may take. */
  readonly maxTokens: number;
  readonly maxNewTokens: number;
}

/**
 * A task file of rows with a prompt and answers: `{"clean", "answers"}`, or those of AutoCircuit and of sparse feature
 * circuits. What else a row has (a corrupted side, wrong answers) is not looked at.
 * @throws TaskError naming the line where a row has no answers to grade by, or its prompt leaves no room.
 */
export function readGradedRows(text: string, options: GradedRowsOptions): GradedRow[] {
  const { name, tokenizer, rule, maxTokens, maxNewTokens } = options;
  if (!tokenizer)
    throw new TaskError({
      where: name,
      rule: 'answers are graded as text, which needs a tokenizer',
      got: 'none beside the model',
      cure: 'Put tokenizer.json into the folder of the model',
    });
  const { rows, unit, form: fileForm } = rowsOf(text, name);
  const graded = rows.map(({ line, read }): GradedRow => {
    const where = `${name} ${unit} ${line}`;
    const row = read();
    const { prompt: own, answers } = askedIn(row, fileForm ?? tellForm(row, where), where);
    requireGradable(rule, answers, where);
    const prompt = [...bosOf(tokenizer), ...tokenizer.encode(own, { addBos: false })];
    if (prompt.length === 0)
      throw new TaskError({ where, rule: 'a prompt must have at least one token', got: show(own), cure: 'Write it' });
    if (prompt.length + maxNewTokens > maxTokens)
      throw new TaskError({
        where,
        rule: `prompt and answer must fit the model's context of ${maxTokens} tokens`,
        got: `${prompt.length} tokens of prompt and ${maxNewTokens} for the answer`,
        cure: 'Shorten the prompt, leave the row out, or allow fewer new tokens',
      });
    const id = isRecord(row) && row.id !== undefined ? String(row.id as string | number) : `${name}:${line}`;
    return { id, line, text: own, prompt, answers };
  });
  if (graded.length > 0) return graded;
  throw new TaskError({ where: name, rule: 'must hold at least one row to grade', got: 'none', cure: EXAMPLE });
}

const EXAMPLE = 'Write rows like {"clean": "Question: …\\nAnswer:", "answers": ["42"]}';

function askedIn(
  row: unknown,
  form: ReturnType<typeof tellForm>,
  where: string,
): { prompt: string; answers: readonly string[] } {
  if (form === 'pair' || form === 'autocircuit') {
    const { clean, answers } = checkRow(form, row, where);
    return { prompt: clean, answers };
  }
  if (form === 'prefix') {
    const { clean_prefix: prompt, clean_answer: answer } = checkRow(form, row, where);
    return { prompt, answers: [answer] };
  }
  throw new TaskError({
    where,
    rule: 'a row must have a prompt and answers to be graded by',
    got: `a row of the form ${form}`,
    cure: EXAMPLE,
  });
}
