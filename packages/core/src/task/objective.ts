import { TaskError } from '../errors.js';

/**
 * A number the engine can differentiate: a linear functional of chosen logits and of the log-sum-exp of their rows.
 * The engine returns picked [M, P] (the logit of id ids[m, p] at flat row rows[m] = b·T + t) and lse [M]; then
 *
 *   value(e) = Σ_{m: example[m] = e}  Σ_p pickWeight[m, p] · picked[m, p]  +  lseWeight[m] · lse[m]
 *
 * Losses and metrics are therefore data, and one kernel pair serves them all: d value / d logit[rows[m], v] is
 * pickWeight at the picked ids plus lseWeight · softmax(v).
 */
export interface Objective {
  readonly M: number;
  readonly P: number;
  /** The first `valid` of the M rows count; the rest repeat the last row with weight 0, to keep one shape. */
  readonly valid: number;
  /** [M] ascending; one row may stand several times. */
  readonly rows: Uint32Array;
  /** [M·P] token ids; unused places hold id 0 with weight 0. */
  readonly ids: Uint32Array;
  /** [M·P] */
  readonly pickWeight: Float32Array;
  /** [M]; all 0 where the log-sum-exp cancels and need not be computed. */
  readonly lseWeight: Float32Array;
  /** [M] which example of the batch a row belongs to. */
  readonly example: Uint32Array;
  /** Examples of the batch, dummies not counted. */
  readonly examples: number;
  readonly normalise: Normalise;
  /**
   * Adds size · |Σ weight · picked| to the total, of the batch as a whole: it has no seed before the sign of the sum is known,
   * so the graph takes it (`seedsOf`).
   */
  readonly penalty?: Penalty;
  /** What a mean over several batches weights this one's total with: tokens of a loss, examples of a difference. */
  readonly count: number;
  /** Where good has won: each valid row by itself, each example as a whole, or nothing to win (a loss). */
  readonly decides: 'row' | 'example' | 'nothing';
}

export interface Penalty {
  readonly size: number;
  /** [M·P] */
  readonly weight: Float32Array;
}

/**
 * 'mean': the values of the examples add up to the batch's mean, the number to train on.
 * 'perExample': each example has its own whole metric, for scores that are averaged over examples afterwards.
 */
export type Normalise = 'mean' | 'perExample';

/** One row before packing. */
export interface Term {
  readonly row: number;
  readonly example: number;
  /** `penalty` is what the penalty weights the logit with. */
  readonly picks: readonly { readonly id: number; readonly weight: number; readonly penalty?: number }[];
  readonly lseWeight: number;
}

/** M is rounded up to this, so that plans keep few shapes. */
const rowStep = 8;

export interface PackOptions {
  readonly examples: number;
  readonly normalise: Normalise;
  readonly count: number;
  readonly decides: Objective['decides'];
  /** Pad to this many rows and picks at least. */
  readonly minM?: number | undefined;
  readonly minP?: number | undefined;
  /** Of the penalty; none unless told. */
  readonly penalty?: number | undefined;
}

/** Sorts the terms by row and pads them. Throws TaskError where there is none. */
export function packObjective(terms: readonly Term[], options: PackOptions): Objective {
  const { examples, normalise, count, decides, minM = 0, minP = 1, penalty: size } = options;
  const sorted = terms.toSorted((a, b) => a.row - b.row || a.example - b.example);
  const last = sorted.at(-1);
  if (!last) {
    throw new TaskError({
      where: 'objective',
      rule: 'a batch must have at least one place to look at',
      got: 'none',
      cure: 'Add targets to the examples, or use the loss over all tokens',
    });
  }
  const P = sorted.reduce((most, { picks }) => Math.max(most, picks.length), minP);
  const M = Math.ceil(Math.max(sorted.length, minM) / rowStep) * rowStep;
  const rows = new Uint32Array(M).fill(last.row);
  const example = new Uint32Array(M).fill(last.example);
  const ids = new Uint32Array(M * P);
  const pickWeight = new Float32Array(M * P);
  const lseWeight = new Float32Array(M);
  const weight = new Float32Array(M * P);
  for (const [m, term] of sorted.entries()) {
    rows[m] = term.row;
    example[m] = term.example;
    lseWeight[m] = term.lseWeight;
    for (const [p, pick] of term.picks.entries()) {
      ids[m * P + p] = pick.id;
      pickWeight[m * P + p] = pick.weight;
      weight[m * P + p] = pick.penalty ?? 0;
    }
  }
  return {
    M,
    P,
    valid: sorted.length,
    rows,
    ids,
    pickWeight,
    lseWeight,
    example,
    examples,
    normalise,
    count,
    decides,
    ...(size !== undefined && { penalty: { size, weight } }),
  };
}

export interface ObjectiveValue {
  /** [examples], f64. */
  readonly perExample: Float64Array;
  /** Their sum for 'mean', their mean for 'perExample'; and the penalty, if there is one. */
  readonly total: number;
  readonly count: number;
}

/** The value from what the engine read back, summed in f64. picked is [M·P], lse is [M] and may be absent if unused. */
export function valueOf(objective: Objective, picked: ArrayLike<number>, lse: ArrayLike<number> = []): ObjectiveValue {
  const perExample = new Float64Array(objective.examples);
  for (let m = 0; m < objective.valid; m++) {
    const e = objective.example[m] ?? 0;
    perExample[e] = (perExample[e] ?? 0) + rowValue(objective, m, picked, lse);
  }
  const sum = perExample.reduce((so, value) => so + value, 0);
  const total = objective.normalise === 'mean' ? sum : sum / objective.examples;
  return { perExample, total: total + penaltyOf(objective, picked), count: objective.count };
}

function penaltyOf({ penalty }: Objective, picked: ArrayLike<number>): number {
  if (!penalty) return 0;
  const { size, weight } = penalty;
  return size * Math.abs(weight.reduce((sum, own, i) => sum + weighed(own, picked[i]), 0));
}

/** The mean over batches, each weighted by its count. */
export function meanOf(values: readonly { readonly total: number; readonly count: number }[]): number {
  const count = values.reduce((so, value) => so + value.count, 0);
  return values.reduce((so, value) => so + value.total * value.count, 0) / count;
}

/** How often good has won, of how many decisions: targets of logit differences, examples of sequence differences. */
export function accuracy(
  objective: Objective,
  picked: ArrayLike<number>,
  lse: ArrayLike<number> = [],
): { readonly right: number; readonly of: number } {
  if (objective.decides === 'nothing') {
    throw new TaskError({
      where: 'accuracy',
      rule: 'accuracy needs a difference between good and bad answers',
      got: 'a loss',
      cure: 'Build the objective with logitDiff or logProbDiff',
    });
  }
  if (objective.decides === 'example') {
    const { perExample } = valueOf(objective, picked, lse);
    return { right: perExample.filter((value) => value > 0).length, of: perExample.length };
  }
  let right = 0;
  for (let m = 0; m < objective.valid; m++) if (rowValue(objective, m, picked, lse) > 0) right++;
  return { right, of: objective.valid };
}

/** From the mean negative log-likelihood of a token, in nats. */
export const perplexity = (meanNll: number): number => Math.exp(meanNll);

function rowValue(objective: Objective, m: number, picked: ArrayLike<number>, lse: ArrayLike<number>): number {
  const { P, pickWeight, lseWeight } = objective;
  let value = 0;
  for (let i = m * P; i < (m + 1) * P; i++) value += weighed(pickWeight[i], picked[i]);
  return value + weighed(lseWeight[m], lse[m]);
}

/** Weight 0 means not asked for: what was read there may be anything, NaN included. A number that is missing is NaN. */
const weighed = (weight = 0, value = Number.NaN): number => (weight === 0 ? 0 : weight * value);
