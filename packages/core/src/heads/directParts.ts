/** Direct logit attribution: what every part of the model writes along the direction of the answer. */
import type { DeviceModel } from '../model/deviceModel.js';
import type { Fetched } from '../run/program.js';
import type { Batch } from '../task/batch.js';
import type { ScoreRows } from '../task/scoreRows.js';
import type { ExampleSeries } from './exampleSeries.js';
import { projectionGraph } from './readingGraphs.js';

/** g of each answer row [A, D], with and without the frozen scale, and what the final norm's bias adds to each. */
export interface Directions {
  readonly scaled: Float32Array<ArrayBuffer>;
  readonly unit: Float32Array<ArrayBuffer>;
  readonly constant: Float64Array;
}

/** @param fetched of `readingGraph`. */
export async function directionsOf(
  model: DeviceModel,
  { u, rstd }: Fetched,
  { M, valid }: ScoreRows,
): Promise<Directions> {
  const { D, norm } = model.config;
  const isCentred = norm === 'layernorm';
  const gain = await model.read('ln_final.w');
  const bias = isCentred ? await model.read('ln_final.b') : undefined;
  const [scaled, unit] = [new Float32Array(M * D), new Float32Array(M * D)];
  const constant = new Float64Array(M);
  for (let m = 0; m < valid; m++) {
    let mean = 0;
    for (let d = 0; d < D; d++) mean += (gain[d]! * u![m * D + d]!) / D;
    for (let d = 0; d < D; d++) {
      const at = m * D + d;
      unit[at] = gain[d]! * u![at]! - (isCentred ? mean : 0);
      scaled[at] = rstd![m]! * unit[at];
      constant[m]! += (bias?.[d] ?? 0) * u![at]!;
    }
  }
  return { scaled, unit, constant };
}

/** One value an example and part; parts that are not there (biases of models without) are left out. */
export async function addDirect(
  model: DeviceModel,
  got: Fetched,
  { M, valid, example }: ScoreRows,
  { scaled, constant }: Directions,
  batch: Batch,
  series: ExampleSeries,
): Promise<void> {
  const { L, D, H, E, outBias, norm } = model.config;
  const program = await model.program(JSON.stringify(['heads.seen', M]), () =>
    projectionGraph(model.architecture(batch), M, 0),
  );
  const seen = await program.run({ direction: scaled });
  const count = batch.examples.length;
  const sum = (part: string, of: (m: number) => number): void => {
    const values = new Float64Array(count);
    for (let m = 0; m < valid; m++) values[example[m]!]! += of(m);
    series.add(part, values);
  };
  const written = (part: string, name: string): void => sum(part, (m) => dot(got[name]!, m * D, scaled, m * D, D));
  written('input', 'input');
  for (let l = 0; l < L; l++) {
    const [z, P] = [got[`z${l}`]!, seen[`seen${l}`]!];
    for (let h = 0; h < H; h++) {
      const at = (m: number): number => (m * H + h) * E;
      sum(`a${l}.h${h}`, (m) => dot(z, at(m), P, at(m), E));
    }
    if (outBias) {
      const bias = await model.read(`blocks.${l}.attn.b_O`);
      sum(`a${l}`, (m) => dot(bias, 0, scaled, m * D, D));
    }
    written(`m${l}`, `mlp${l}`);
  }
  if (norm === 'layernorm') sum('ln_final', (m) => constant[m]!);
}

export function dot(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number, length: number): number {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += a[i + k]! * b[j + k]!;
  return sum;
}
