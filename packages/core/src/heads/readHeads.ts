/**
 * What each part of a model writes towards the answer, and where its heads look, at the rows where answers are read:
 *
 *   direct logit attribution  direct(s) = out_s · g,  g = rstd · P (gain ∘ Σ weight · W_U[id])
 *   attention to the subject  Σ of the pattern over the subject's positions
 *   OV against the answer     cos(o, g),  o = W_O[h] · W_V[h] (y − y′)
 *
 * with the scale rstd of the final norm frozen at the example's own value. P takes the mean away (LayerNorm) or nothing
 * (RMSNorm); y and y′ are what the head reads, after its norm, at the subject of the two sides of a pair. All direct parts
 * add up to the logit difference, to rounding. Of an example with several answer rows, `direct` sums what each is weighted
 * with in the difference, attention is the mean over them, and g of OV their sum.
 *
 * Sources: Elhage et al. 2021, https://transformer-circuits.pub/2021/framework (direct paths, OV circuits); Wang et al.
 * 2022, https://arxiv.org/abs/2211.00593 (projections of heads at the answer).
 */
import { TaskError } from '../errors.js';
import type { DeviceModel } from '../model/deviceModel.js';
import type { Batch } from '../task/batch.js';
import type { Example } from '../task/example.js';
import { feedObjective, feedSide, type Inputs } from '../task/feed.js';
import { valueOf, type Objective } from '../task/objective.js';
import { scoreRows, type ScoreRows } from '../task/scoreRows.js';
import { addDirect, directionsOf } from './directParts.js';
import type { Estimate } from '../task/estimate.js';
import { ExampleSeries } from './exampleSeries.js';
import { addAttention, addOv, subjectIn } from './headsAtSubject.js';
import { prepare } from '../evaluation/measure.js';
import { readingGraph, type ReadingShape } from './readingGraphs.js';

export interface PartReading {
  /** `input`, `a3.h5`, `m7` whole, `a3` for the bias that its heads share, `ln_final` for the final norm's. */
  readonly part: string;
  /** Logits of good − bad that it adds. */
  readonly direct: Estimate;
  /** Of heads, over examples with a subject: share of attention in [0, 1]. */
  readonly attention?: Estimate;
  /** Of heads, over examples whose sides differ at the subject: a cosine in [−1, 1]. */
  readonly ov?: Estimate;
}

export interface HeadReadings {
  readonly examples: number;
  /** How many of them have a subject, and how many another side of the same length, too. */
  readonly withSubject: number;
  readonly withSides: number;
  /** The logit difference, mean over examples. */
  readonly value: number;
  readonly parts: readonly PartReading[];
}

export interface ReadOptions {
  readonly batchSize: number;
  readonly onProgress?: (done: number, of: number) => void;
}

/** @throws TaskError for examples without a good and a bad answer of one token each. */
export async function readHeads(
  model: DeviceModel,
  examples: readonly Example[],
  { batchSize, onProgress }: ReadOptions,
): Promise<HeadReadings> {
  const answers = answersOf(examples, batchSize);
  const { H } = model.config;
  const isPaired = examples.every(hasTwin);
  const subjects = answers.map(({ batch }) => subjectsOf(batch));
  const shape: ReadingShape = {
    M: answers[0]!.objective.M,
    P: answers[0]!.objective.P,
    answers: answers[0]!.rows.M,
    subjects: roundUp(Math.max(...subjects.map(({ length }) => length)), 8),
    isPaired,
  };
  const direct = new ExampleSeries();
  const attention = new ExampleSeries();
  const ov = new ExampleSeries();
  let total = 0;
  for (const [i, { batch, objective, rows }] of answers.entries()) {
    const subject = subjects[i]!;
    const { B, T } = batch;
    const program = await model.program(JSON.stringify(['heads', B, T, shape]), () =>
      readingGraph(model.architecture({ B, T }), shape),
    );
    const got = await program.run({
      ...feedSide('clean.', batch.clean),
      ...(isPaired && shape.subjects > 0 && feedSide('corrupt.', batch.corrupt!)),
      ...feedObjective(objective, B * T),
      ...rowsAt('answers', rows.clean, B * T),
      ...(shape.subjects > 0 && {
        ...rowsAt('looks', headRows(rows.clean, T, H), B * H * T),
        ...rowsAt('subjects', padded(subject, shape.subjects), B * T),
      }),
    });
    total += valueOf(objective, got['picked']!).perExample.reduce((sum, value) => sum + value, 0);
    const directions = await directionsOf(model, got, rows);
    await addDirect(model, got, rows, directions, batch, direct);
    if (shape.subjects > 0) addAttention(model, got, rows, batch, attention);
    if (isPaired && subject.length > 0) await addOv(model, got, rows, directions, batch, ov);
    onProgress?.(i + 1, answers.length);
  }
  return {
    examples: examples.length,
    withSubject: attention.count('a0.h0'),
    withSides: ov.count('a0.h0'),
    value: total / examples.length,
    parts: direct.names.map((part) => ({
      part,
      direct: direct.estimate(part)!,
      ...(attention.count(part) > 0 && { attention: attention.estimate(part)! }),
      ...(ov.count(part) > 0 && { ov: ov.estimate(part)! }),
    })),
  };
}

/** A batch, and where its answers are read. */
export interface Answers {
  readonly batch: Batch;
  readonly objective: Objective;
  readonly rows: ScoreRows;
}

/** All of one shape. @throws TaskError as `readHeads`. */
export function answersOf(examples: readonly Example[], batchSize: number): Answers[] {
  if (examples.length === 0)
    throw new TaskError({ where: 'heads', rule: 'needs at least one example', got: 'none', cure: 'Give a task' });
  const { batches, objectives } = prepare(examples, { metric: 'logit_diff', batchSize });
  const rowsOf = (batch: Batch, minM = 0): ScoreRows => scoreRows(batch, { positions: 'answer', paired: false, minM });
  const minM = Math.max(...batches.map((batch) => rowsOf(batch).M));
  return batches.map((batch, i) => ({ batch, objective: objectives[i]!, rows: rowsOf(batch, minM) }));
}

const hasTwin = (example: Example): boolean =>
  example.kind === 'tokens' && example.corruptTokens?.length === example.tokens.length;

/** Flat rows of all subjects of a batch, example after example. */
const subjectsOf = ({ examples, T }: Batch): number[] =>
  examples.flatMap((example, b) => subjectIn(example).map((t) => b * T + t));

/** Of each answer row the pattern's row of each head. */
export const headRows = (rows: Uint32Array, T: number, H: number): Uint32Array =>
  Uint32Array.from({ length: rows.length * H }, (_, i) => {
    const n = rows[Math.floor(i / H)]!;
    return (Math.floor(n / T) * H + (i % H)) * T + (n % T);
  });

const padded = (rows: readonly number[], length: number): Uint32Array =>
  Uint32Array.from({ length }, (_, i) => rows[i] ?? 0);

/** What `gathered` declares. */
export const rowsAt = (name: string, rows: Uint32Array, of: number): Inputs => ({
  [name]: rows,
  [`${name}.starts`]: new Uint32Array(of + 1),
});

const roundUp = (value: number, to: number): number => Math.ceil(value / to) * to;
