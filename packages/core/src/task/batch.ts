import { TaskError } from '../errors.js';
import type { Example } from './example.js';
import { Random } from './random.js';

/**
 * Padded examples as the engine takes them: B rows of T positions, all arrays row by row (n = b·T + t).
 * Rows beyond the last example are dummies of one token, so that the last batch has the shape of the others.
 */
export interface Batch {
  readonly B: number;
  readonly T: number;
  /** The real examples, in row order. */
  readonly examples: readonly Example[];
  /** 2 where good and bad continuation each have a row (rows 2e and 2e + 1), else 1. */
  readonly rowsPerExample: 1 | 2;
  readonly clean: Side;
  /** The other side of every example, padded to the same T; absent when an example has none. */
  readonly corrupt?: Side;
}

export interface Side {
  /** [B·T] token ids, `pad` after the end. */
  readonly tokens: Uint32Array;
  /** [B·T] 1 where a key may be attended to. Dummy rows keep their first, or their softmax would be 0/0. */
  readonly mask: Uint32Array;
  /** [B·T] 1 for the tokens of real examples only: what means and sums over positions count. */
  readonly valid: Uint32Array;
  /** [B·T] position ids: 0, 1, … and the last real one again in the padding, so that none leaves the context. */
  readonly positions: Uint32Array;
  /** [B] real tokens of each row, 0 for dummies. */
  readonly lengths: Uint32Array;
}

export interface PadOptions {
  /** Examples per batch. */
  readonly batchSize: number;
  /** T is rounded up to a multiple of this: few shapes, so few plans. 8 unless told. */
  readonly bucket?: number | undefined;
  /** Which continuations of sequence examples get a row: both to compare them, good alone to train on. */
  readonly sides?: 'both' | 'good' | undefined;
  /** Any id of the vocabulary. 0 unless told. */
  readonly pad?: number | undefined;
  /** Pad to this T at least, for one shape over all batches. */
  readonly minT?: number | undefined;
  /** Do not round T up beyond this, the model's context. */
  readonly maxT?: number | undefined;
}

export interface BatchOptions extends PadOptions {
  readonly order?: 'given' | 'shuffled' | undefined;
  readonly seed?: number | undefined;
  /** Every epoch of one seed has an order of its own. */
  readonly epoch?: number | undefined;
}

/** All examples in batches. The same examples and options give the same batches, to the bit. */
export function makeBatches(examples: readonly Example[], options: BatchOptions): Batch[] {
  const { batchSize, order = 'given', seed = 0, epoch = 0 } = options;
  requireCount('batchSize', batchSize);
  const ordered = order === 'shuffled' ? new Random(seed, epoch).shuffle(examples) : examples;
  const batches: Batch[] = [];
  for (let at = 0; at < ordered.length; at += batchSize) {
    batches.push(padBatch(ordered.slice(at, at + batchSize), options));
  }
  return batches;
}

/** The T that holds every example: for `minT`, when one plan shall serve all batches. */
export function commonT(examples: readonly Example[], options: PadOptions): number {
  let T = 0;
  for (const example of examples) {
    for (const ids of [...cleanRows(example, options.sides), ...(corruptRows(example, options.sides) ?? [])]) {
      T = Math.max(T, ids.length);
    }
  }
  const needed = Math.max(T, options.minT ?? 1);
  return Math.max(needed, Math.min(roundUp(needed, options.bucket ?? 8), options.maxT ?? Infinity));
}

/** One batch of at most `batchSize` examples of one kind. */
export function padBatch(examples: readonly Example[], options: PadOptions): Batch {
  const { batchSize, sides, bucket = 8, pad = 0 } = options;
  requireCount('batchSize', batchSize);
  requireCount('bucket', bucket);
  const [first] = examples;
  if (!first || examples.length > batchSize) {
    throw new TaskError({
      where: 'batch',
      rule: `a batch must hold 1 to ${batchSize} examples`,
      got: examples.length,
      cure: 'Cut the examples with makeBatches',
    });
  }
  const stranger = examples.find(({ kind }) => kind !== first.kind);
  if (stranger) {
    throw new TaskError({
      where: `batch, example ${stranger.id}`,
      rule: `all examples of a batch must be of one kind (${first.kind})`,
      got: stranger.kind,
      cure: 'Batch the two tasks one after the other',
    });
  }
  const rowsPerExample = first.kind === 'sequence' && sides !== 'good' ? 2 : 1;
  const B = batchSize * rowsPerExample;
  const T = commonT(examples, options);
  const clean = padSide(examples.map((example) => cleanRows(example, sides)).flat(), { B, T, pad });
  const others = examples.map((example) => corruptRows(example, sides));
  const batch = { B, T, examples, rowsPerExample, clean } as const;
  if (!others.every((rows) => rows !== undefined)) return batch;
  return { ...batch, corrupt: padSide(others.flat(), { B, T, pad }) };
}

/** What the model reads. Of a sequence the last token is predicted and never read, so it has no place in the row. */
function cleanRows(example: Example, sides: PadOptions['sides']): (readonly number[])[] {
  return example.kind === 'tokens' ? [example.tokens] : continuations(example.prompt, example, sides);
}

function corruptRows(example: Example, sides: PadOptions['sides']): (readonly number[])[] | undefined {
  if (example.kind === 'tokens') return example.corruptTokens && [example.corruptTokens];
  return example.corruptPrompt && continuations(example.corruptPrompt, example, sides);
}

function continuations(
  prompt: readonly number[],
  { goodAnswer, badAnswer }: { readonly goodAnswer: readonly number[]; readonly badAnswer: readonly number[] },
  sides: PadOptions['sides'],
): number[][] {
  const answers = sides === 'good' ? [goodAnswer] : [goodAnswer, badAnswer];
  return answers.map((answer) => [...prompt, ...answer.slice(0, -1)]);
}

function padSide(rows: readonly (readonly number[])[], { B, T, pad }: { B: number; T: number; pad: number }): Side {
  const tokens = new Uint32Array(B * T).fill(pad);
  const mask = new Uint32Array(B * T);
  const valid = new Uint32Array(B * T);
  const positions = new Uint32Array(B * T);
  const lengths = new Uint32Array(B);
  for (let b = 0; b < B; b++) {
    const ids = rows[b] ?? [];
    lengths[b] = ids.length;
    tokens.set(ids, b * T);
    valid.fill(1, b * T, b * T + ids.length);
    mask.fill(1, b * T, b * T + Math.max(ids.length, 1));
    for (let t = 0; t < T; t++) positions[b * T + t] = Math.min(t, Math.max(ids.length - 1, 0));
  }
  return { tokens, mask, valid, positions, lengths };
}

function requireCount(name: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return;
  throw new TaskError({ where: name, rule: 'must be a whole number from 1', got: value, cure: 'Give 1 or more' });
}

const roundUp = (value: number, to: number): number => Math.ceil(value / to) * to;
