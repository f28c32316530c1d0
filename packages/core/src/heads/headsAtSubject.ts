/** What heads have to do with the words that decide the answer: how much they look there, and what they would write of it. */
import type { DeviceModel } from '../model/deviceModel.js';
import type { Fetched } from '../run/program.js';
import type { Batch } from '../task/batch.js';
import { subjectOf, type Example } from '../task/example.js';
import type { Inputs } from '../task/feed.js';
import type { ScoreRows } from '../task/scoreRows.js';
import { dot, type Directions } from './directParts.js';
import type { ExampleSeries } from './exampleSeries.js';
import { outputGraph, projectionGraph } from './readingGraphs.js';

export const subjectIn = (example: Example): readonly number[] => (example.kind === 'tokens' ? subjectOf(example) : []);

/** Share of attention on the subject, one value for each example that has one. */
export function addAttention(
  model: DeviceModel,
  got: Fetched,
  rows: ScoreRows,
  batch: Batch,
  series: ExampleSeries,
): void {
  const { L, H } = model.config;
  const { T } = batch;
  const { valid, example } = rows;
  const subjects = batch.examples.map(subjectIn);
  const reads = new Float64Array(batch.examples.length);
  for (let m = 0; m < valid; m++) reads[example[m]!]!++;
  const isAsked = subjects.map(({ length }) => length > 0);
  for (let l = 0; l < L; l++)
    for (let h = 0; h < H; h++) {
      const values = new Float64Array(batch.examples.length);
      for (let m = 0; m < valid; m++) {
        const e = example[m]!;
        for (const t of subjects[e]!) values[e]! += got[`pattern${l}`]![(m * H + h) * T + t]! / reads[e]!;
      }
      series.add(
        `a${l}.h${h}`,
        values.filter((_, e) => isAsked[e]),
      );
    }
}

/** Cosine of what a head writes of the subject's difference with the answer, for each example with a subject. */
export async function addOv(
  model: DeviceModel,
  got: Fetched,
  { M, valid, example }: ScoreRows,
  { unit }: Directions,
  batch: Batch,
  series: ExampleSeries,
): Promise<void> {
  const { L, D, H, K, E } = model.config;
  const X = batch.B;
  const answer = new Float64Array(X * D);
  for (let m = 0; m < valid; m++) for (let d = 0; d < D; d++) answer[example[m]! * D + d]! += unit[m * D + d]!;
  const [project, output] = [
    await model.program(JSON.stringify(['heads.value', M, X]), () => projectionGraph(model.architecture(batch), M, X)),
    await model.program(JSON.stringify(['heads.out', X]), () => outputGraph(model.architecture(batch), X)),
  ];
  const differences: Inputs = {};
  for (let l = 0; l < L; l++)
    differences[`difference${l}`] = differenceAt(batch, got[`clean${l}`]!, got[`corrupt${l}`]!, D);
  const values = await project.run({ direction: unit, ...differences });
  const own: Inputs = {};
  for (let l = 0; l < L; l++) {
    // under grouped-query attention H / K query heads write what one key/value head reads
    own[`value${l}`] = Float32Array.from({ length: X * H * E }, (_, i) => {
      const [x, h, e] = [Math.floor(i / (H * E)), Math.floor(i / E) % H, i % E];
      return values[`value${l}`]![(x * K + Math.floor((h * K) / H)) * E + e]!;
    });
  }
  const outs = await output.run(own);
  const isAsked = batch.examples.map((it) => subjectIn(it).length > 0);
  for (let l = 0; l < L; l++)
    for (let h = 0; h < H; h++) {
      const cosines = Float64Array.from(batch.examples, (_, e) =>
        cosine(outs[`out${l}`]!, (h * X + e) * D, answer, e * D, D),
      );
      series.add(
        `a${l}.h${h}`,
        cosines.filter((_, e) => isAsked[e]),
      );
    }
}

/** Clean − corrupted at the subject, mean over its positions, [B, D]. */
function differenceAt(
  { B, examples }: Batch,
  clean: ArrayLike<number>,
  corrupt: ArrayLike<number>,
  D: number,
): Float32Array<ArrayBuffer> {
  const difference = new Float32Array(B * D);
  let row = 0;
  for (const [e, example] of examples.entries()) {
    const { length } = subjectIn(example);
    for (let i = 0; i < length; i++, row++)
      for (let d = 0; d < D; d++) difference[e * D + d]! += (clean[row * D + d]! - corrupt[row * D + d]!) / length;
  }
  return difference;
}

/** 0 where either is nothing. */
function cosine(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number, length: number): number {
  const size = Math.sqrt(dot(a, i, a, i, length) * dot(b, j, b, j, length));
  return size > 0 ? dot(a, i, b, j, length) / size : 0;
}
