/**
 * Edges by token position: what each position, or each kind of position, adds to the score of an edge. Scores are sums over
 * positions, so these parts add up to the whole, and one pass finds them all.
 */
import { ConfigError, TaskError } from '../errors.js';
import type { DeviceModel } from '../model/deviceModel.js';
import { answerRows, type Example } from '../task/example.js';
import { attributeByPlace } from './attribute.js';
import { evenly, groupsAtOnce } from './rowGroups.js';
import type { AttributeOptions } from './scores.js';

/**
 * By what positions of different examples are the same: `start`: 0 is the first token · `end`: -1 is the last one ·
 * `kind`: what a position is for, whatever its place: `before` the sides differ, where they `differ`, `between` that and the
 * answers, an `answer` (where one is read), or both (`differs, answer`).
 */
export const positionWays = ['start', 'end', 'kind'] as const;
export type PositionWay = (typeof positionWays)[number];

export interface PositionScores {
  readonly way: PositionWay;
  /** In the order of the text. */
  readonly labels: readonly string[];
  /** [S, R] for each label; their sum is the score over all positions. */
  readonly values: readonly Float32Array<ArrayBuffer>[];
}

/**
 * @throws ConfigError where the method has no positions, or some are left out already; TaskError where `kind` is asked of
 * examples without a second side of the same length.
 */
export async function byPosition(
  model: DeviceModel,
  examples: readonly Example[],
  { way, onProgress, ...options }: AttributeOptions & { readonly way: PositionWay },
): Promise<PositionScores> {
  requirePositions(options);
  const labelOf = new Map(examples.map((example) => [example, positionLabels(example, way)]));
  const labels = inOrder([...labelOf.values()], way);
  const values: Float32Array<ArrayBuffer>[] = [];
  const count = evenly(labels.length, groupsAtOnce(options.nodes, options.bytes));
  for (let first = 0; first < labels.length; first += count) {
    const place = new Map(labels.slice(first, first + count).map((label, i) => [label, i]));
    const found = await attributeByPlace(
      model,
      examples,
      {
        ...options,
        onProgress: (done, of) => onProgress?.(first * of + done * place.size, labels.length * of),
      },
      { count: place.size, of: (example, position) => place.get(labelOf.get(example)![position]!) },
    );
    values.push(...found);
  }
  return { way, labels, values };
}

/** @throws ConfigError */
export function requirePositions({
  method,
  positions,
  combine,
}: Pick<AttributeOptions, 'method' | 'positions' | 'combine'>): void {
  const refuse = (rule: string, got: string, cure: string): never => {
    throw new ConfigError({ where: 'by-position', rule, got, cure });
  };
  if (method === 'exact')
    refuse(
      'takes effect only with a method of gradients',
      'exact, which patches an edge at every position',
      'Leave it out',
    );
  if (positions !== 'all' || (combine !== undefined && combine !== 'sum'))
    refuse('needs the sum over all positions', `positions ${positions}, combine ${combine}`, 'Leave those out');
}

const lengthOf = (example: Example): number =>
  example.kind === 'tokens'
    ? example.tokens.length
    : example.prompt.length + Math.max(example.goodAnswer.length, example.badAnswer.length);

/** A label for each token of an example. */
export function positionLabels(example: Example, way: PositionWay): string[] {
  const length = lengthOf(example);
  const positions = Array.from({ length }, (_, t) => t);
  if (way === 'start') return positions.map((t) => `${t}`);
  if (way === 'end') return positions.map((t) => `${t - length}`);
  const [clean, corrupt] =
    example.kind === 'tokens' ? [example.tokens, example.corruptTokens] : [example.prompt, example.corruptPrompt];
  if (corrupt?.length !== clean.length)
    throw new TaskError({
      where: `task line ${example.line}`,
      rule: 'positions are told apart by kind where both sides have the same number of tokens',
      got: corrupt ? `${clean.length} and ${corrupt.length}` : 'one side only',
      cure: 'Ask for positions from the start or the end',
    });
  const answers = new Set(answerRows(example));
  const first = clean.findIndex((token, t) => token !== corrupt[t]);
  return positions.map((t) => {
    const isDifferent = t < clean.length && clean[t] !== corrupt[t];
    if (answers.has(t)) return isDifferent ? 'differs, answer' : 'answer';
    return isDifferent ? 'differs' : first < 0 || t < first ? 'before' : 'between';
  });
}

const kinds = ['before', 'differs', 'between', 'differs, answer', 'answer'];

function inOrder(lists: readonly string[][], way: PositionWay): string[] {
  const labels = [...new Set(lists.flat())];
  return way === 'kind'
    ? kinds.filter((label) => labels.includes(label))
    : labels.toSorted((a, b) => Number(a) - Number(b));
}
