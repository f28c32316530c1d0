import { show, TaskError } from '../errors.js';
import type { TaskTokenizer } from './example.js';

/** What every row of one file shares, and where its warnings go. */
export interface RowContext {
  /** 'train.jsonl line 7' */
  readonly where: string;
  readonly line: number;
  readonly id: string;
  readonly tokenizer: TaskTokenizer | undefined;
  readonly flip: boolean;
  readonly maxTokens: number | undefined;
  readonly warn: (message: string) => void;
}

export interface Answer {
  readonly text: string;
  readonly ids: readonly number[];
}

export function requireTokenizer(context: RowContext, text: string): TaskTokenizer {
  if (context.tokenizer) return context.tokenizer;
  throw new TaskError({
    where: context.where,
    rule: 'a task of texts needs a tokenizer',
    got: `none for ${show(text)}`,
    cure: 'Put tokenizer.json beside the model, or give the task as token ids: {"tokens": [...], "targets": [...]}',
  });
}

/** What the tokenizer puts in front of every text. */
export const bosOf = ({ bosId, addsBos }: TaskTokenizer): number[] => (addsBos && bosId !== undefined ? [bosId] : []);

/** Ids of a whole text, bos included where the tokenizer adds one. */
export function encode(text: string, context: RowContext): number[] {
  return requireTokenizer(context, text).encode(text);
}

/**
 * Ids of `answer` as they follow `prompt`. Both are encoded together: a tokenizer that marks word starts (Llama's)
 * would put a second space in front of an answer encoded alone.
 */
export function continuation(
  prompt: string,
  promptIds: readonly number[],
  answer: string,
  context: RowContext,
): number[] {
  const joint = encode(prompt + answer, context);
  if (joint.length > promptIds.length && promptIds.every((id, at) => id === joint[at])) {
    return joint.slice(promptIds.length);
  }
  throw new TaskError({
    where: context.where,
    rule: 'an answer must begin with a token of its own',
    got: `${show(answer)}, which merges into the last token of ${show(prompt)}`,
    cure: /\s$/.test(prompt)
      ? 'Move the space at the end of the prompt to the front of the answer'
      : 'Begin the answer with a space, or move the last word of the prompt into the answers',
  });
}

/** The one token that `answer` is when it stands at `pos` of a text; `own` are the text's ids without bos. */
export function singleAfter(own: readonly number[], pos: number, answer: string, context: RowContext): number {
  const tokenizer = requireTokenizer(context, answer);
  const before = own.slice(0, pos);
  const prompt = tokenizer.decode(before);
  return requireSingle(
    { text: answer, ids: continuation(prompt, [...bosOf(tokenizer), ...before], answer, context) },
    context.where,
  );
}

export function requireSingle(answer: Answer, where: string): number {
  const [id] = answer.ids;
  if (id !== undefined && answer.ids.length === 1) return id;
  throw new TaskError({
    where,
    rule: 'an answer must be a single token here',
    got: `${answer.ids.length} tokens for ${show(answer.text)}`,
    cure: 'Choose another word, or compare whole answers with answers: sequence and the sequence log-probability difference',
  });
}

/** Throws unless `pos` lies in a text whose ids without bos are `own`; with a bos even its first token is predicted. */
export function requirePos(pos: number, own: readonly number[], context: RowContext): void {
  const tokenizer = requireTokenizer(context, 'targets');
  const from = bosOf(tokenizer).length > 0 ? 0 : 1;
  if (pos < from || pos > own.length) {
    throw posError(pos, { from, to: own.length, text: show(tokenizer.decode(own)), where: context.where });
  }
}

export function posError(pos: number, at: { from: number; to: number; text: string; where: string }): TaskError {
  const { from, to, text, where } = at;
  return new TaskError({
    where,
    rule: `pos, the index of the predicted token, must lie in ${from}..${to}`,
    got: `${pos} for ${to} tokens of ${text}`,
    cure:
      'Count tokens, not words, from 0; a pos equal to the number of tokens asks for the one after the end' +
      (from === 1 ? ', and nothing predicts token 0' : ''),
  });
}
