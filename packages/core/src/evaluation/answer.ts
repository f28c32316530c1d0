/** Has a model answer prompts, and grades what it says. */
import type { DeviceModel } from '../model/deviceModel.js';
import { generateAll } from '../model/generateAll.js';
import type { Tokenizer } from '../model/tokenizer.js';
import { gradeAnswer, gradesOf, type Grade, type GradeRule, type Grades } from '../task/grades.js';
import type { GradedRow } from '../task/gradedRows.js';

export interface AnswerOptions {
  readonly rule: GradeRule;
  readonly maxNewTokens: number;
  /** Texts that end an answer and are not part of it; the end of a text always does. */
  readonly stop?: readonly string[];
  readonly batchSize: number;
  readonly onProgress?: (done: number, of: number) => void;
}

/** One row, and what came of it: a line of the file of answers. */
export interface Answered extends Grade {
  readonly id: string;
  readonly prompt: string;
  /** What the model said, up to what ended it. */
  readonly said: string;
  readonly answers: readonly string[];
}

export interface AnsweredTask {
  readonly grades: Grades;
  readonly rows: readonly Answered[];
}

/** Greedily, so that a re-run says the same. */
export async function answerTask(
  model: DeviceModel,
  tokenizer: Pick<Tokenizer, 'decode' | 'eosId'>,
  rows: readonly GradedRow[],
  { rule, maxNewTokens, stop = [], batchSize, onProgress }: AnswerOptions,
): Promise<AnsweredTask> {
  // a text may be of several tokens, and a token of several characters: only whole texts can be compared
  const textOf = ({ prompt }: GradedRow, made: readonly number[]): string =>
    tokenizer.decode([...prompt, ...made]).slice(tokenizer.decode(prompt).length);
  const isEnd = (id: number | undefined): boolean => id !== undefined && id === tokenizer.eosId;
  const made = await generateAll(
    model,
    rows.map(({ prompt }) => prompt),
    {
      maxTokens: maxNewTokens,
      batchSize,
      isOver: (so, i) => isEnd(so.at(-1)) || (stop.length > 0 && cutAt(textOf(rows[i]!, so), stop) !== undefined),
      ...(onProgress && { onProgress }),
    },
  );
  const answered = rows.map((row, i): Answered => {
    const own = made[i]!;
    const text = textOf(row, isEnd(own.at(-1)) ? own.slice(0, -1) : own);
    const said = cutAt(text, stop) ?? text;
    const { id, text: prompt, answers } = row;
    return { id, prompt, said, answers, ...gradeAnswer(rule, said, answers) };
  });
  const grades = gradesOf(
    rule,
    answered,
    rows.map(({ answers }) => answers),
  );
  return { grades, rows: answered };
}

/** What answering allocates: the longest prompts with the longest answers, and the shortest, which take programs of their own. */
export async function rehearseAnswers(
  model: DeviceModel,
  rows: readonly Pick<GradedRow, 'prompt'>[],
  { maxNewTokens, batchSize }: Pick<AnswerOptions, 'maxNewTokens' | 'batchSize'>,
): Promise<void> {
  const prompts = rows.map(({ prompt }) => prompt).toSorted((a, b) => b.length - a.length);
  const some = [...prompts.slice(0, batchSize), ...prompts.slice(batchSize).slice(-batchSize)];
  await generateAll(model, some, { maxTokens: maxNewTokens, batchSize, isOver: () => false });
}

/** The text before the first of these; undefined where none is in it. */
function cutAt(text: string, stop: readonly string[]): string | undefined {
  const places = stop.map((it) => text.indexOf(it)).filter((at) => at >= 0);
  return places.length === 0 ? undefined : text.slice(0, Math.min(...places));
}

/** One JSON object a line. */
export const answersText = (rows: readonly Answered[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join('');
