import { show, TaskError } from '../errors.js';
import type { Tokenizer } from '../model/tokenizer.js';

/**
 * What a model should predict at one place. `pos` is the index of the PREDICTED token, so logits are read at row
 * pos - 1; pos equal to the number of tokens means the token just past the end of the prompt.
 */
export interface Target {
  readonly pos: number;
  readonly good: readonly number[];
  /** Empty where nothing is contrasted: such a target serves the loss, not the logit difference. */
  readonly bad: readonly number[];
}

/** What rows of every form may say of themselves. */
interface Named {
  readonly id: string;
  /** What rows that are worded alike have in common, where the row says so. */
  readonly template?: string;
  /** Of `prejudice`: what the row is averaged with, such as its occupation. */
  readonly group?: string;
  /** Line of the task file (or item of a JSON list), from 1. */
  readonly line: number;
}

/** Token ids and the places to look at. No targets: text for language modelling only. */
export interface TokensExample extends Named {
  readonly kind: 'tokens';
  readonly tokens: readonly number[];
  readonly targets: readonly Target[];
  /** The other side of the pair, for patching. */
  readonly corruptTokens?: readonly number[];
  /** For each target, the index of the predicted token on the other side. */
  readonly corruptPositions?: readonly number[];
  /** Positions of the words that decide the answer, where the row names them; else see `subjectOf`. */
  readonly subject?: readonly number[];
}

/** One prompt and two continuations of one or more tokens; compared by their total log-probability. */
export interface SequenceExample extends Named {
  readonly kind: 'sequence';
  /** At least one token: the first answer token is predicted from the last of these. */
  readonly prompt: readonly number[];
  readonly goodAnswer: readonly number[];
  /** Empty where nothing is contrasted. */
  readonly badAnswer: readonly number[];
  readonly corruptPrompt?: readonly number[];
}

export type Example = TokensExample | SequenceExample;

/** The row's own `template`, or its id without the number at its end: `pp` of `pp-17`. Undefined where neither tells. */
export function templateOf({ id, template }: Example): string | undefined {
  const name = id.replace(/[:._-]*\d+$/, '');
  return template ?? (name === '' || name === id ? undefined : name);
}

/** What reading a task needs from a tokenizer. */
export type TaskTokenizer = Pick<Tokenizer, 'encode' | 'decode' | 'bosId' | 'addsBos'>;

/**
 * Throws a TaskError unless every example has another side that can stand in for it position by position.
 * `positions: 'answer'` is enough for scores over the answer positions alone, where the sides may differ in length as
 * long as each says where its answers are (the authors' sentence pairs); running a patched model needs 'all'.
 */
export function requirePairs(
  examples: readonly Example[],
  { name = 'task', positions = 'all' }: { name?: string; positions?: 'all' | 'answer' } = {},
): void {
  for (const example of examples) {
    const clean = example.kind === 'tokens' ? example.tokens : example.prompt;
    const corrupt = example.kind === 'tokens' ? example.corruptTokens : example.corruptPrompt;
    const where = `${name} line ${example.line}`;
    if (!corrupt) {
      throw new TaskError({
        where,
        rule: 'patching needs a corrupted side for every example',
        got: `none for ${show(example.id)}`,
        cure: 'Add "corrupt" (or "corrupt_tokens") to the row, or choose the mean or zero ablation',
      });
    }
    const placed = example.kind === 'tokens' && example.corruptPositions !== undefined;
    if (clean.length === corrupt.length || (positions === 'answer' && placed)) continue;
    throw new TaskError({
      where,
      rule: 'the clean and the corrupted side must have the same number of tokens to be patched position by position',
      got: `${clean.length} and ${corrupt.length} tokens in ${show(example.id)}`,
      cure:
        'Reword the shorter side, or leave the row out, or choose the mean or zero ablation' +
        (placed ? ', or score the answer positions only' : ''),
    });
  }
}

/** Input positions of an example, one number per target: the rows where its answers are read. */
export function answerRows(example: Example): number[] {
  if (example.kind === 'tokens') return example.targets.map(({ pos }) => pos - 1);
  const first = example.prompt.length - 1;
  return example.goodAnswer.map((_, at) => first + at);
}

/**
 * Positions of the words that decide the answer: those that the row names as its subject, else those before the first
 * answer where the two sides of a pair of equal length differ. None for an example that says neither.
 */
export function subjectOf({ tokens, corruptTokens, subject, targets }: TokensExample): readonly number[] {
  if (subject) return subject;
  if (corruptTokens?.length !== tokens.length) return [];
  const first = Math.min(...targets.map(({ pos }) => pos));
  return tokens.flatMap((token, at) => (at < first && token !== corruptTokens[at] ? [at] : []));
}

/**
 * At most n that say how much of a device all of them take: those of most tokens, by which batches become as large as they do,
 * and the one whose answers lie farthest apart, for rows between answers are differentiated.
 */
export function longest(examples: readonly Example[], n: number): Example[] {
  const byLength = examples.toSorted((a, b) => tokensOf(b) - tokensOf(a));
  const [widest] = examples.toSorted((a, b) => answersReach(b) - answersReach(a));
  const most = byLength.slice(0, n);
  return widest && !most.includes(widest) ? [...most.slice(0, n - 1), widest] : most;
}

/** Positions from the first answer that is read to the last. */
function answersReach(example: Example): number {
  const rows = answerRows(example);
  return rows.length === 0 ? 0 : Math.max(...rows) - Math.min(...rows);
}

/** The example as if it had at most so many tokens: what it says is gone, what it takes of a device is that of a shorter one. */
export function cutTo(example: Example, most: number): Example {
  const tokens = (all: readonly number[]): readonly number[] => all.slice(0, most);
  if (example.kind === 'sequence') {
    const room = Math.max(1, most - (tokensOf(example) - example.prompt.length));
    const { prompt, corruptPrompt } = example;
    return {
      ...example,
      prompt: prompt.slice(0, room),
      ...(corruptPrompt && { corruptPrompt: corruptPrompt.slice(0, room) }),
    };
  }
  const { corruptTokens, corruptPositions, targets } = example;
  return {
    ...example,
    tokens: tokens(example.tokens),
    targets: targets.map((target) => ({ ...target, pos: Math.min(target.pos, most) })),
    ...(corruptTokens && { corruptTokens: tokens(corruptTokens) }),
    ...(corruptPositions && { corruptPositions: corruptPositions.map((pos) => Math.min(pos, most)) }),
  };
}

export const tokensOf = (example: Example): number =>
  example.kind === 'tokens'
    ? example.tokens.length
    : example.prompt.length + Math.max(example.goodAnswer.length, example.badAnswer.length) - 1;
