/** Copies of a model in each of which one part is ablated: run side by side, and what is read of a head in each. */
import type { Nodes } from '../circuit/nodes.js';
import type { ModelConfig } from '../model/config.js';
import type { DeviceModel } from '../model/deviceModel.js';
import type { Fetched } from '../run/program.js';
import { repeated, repeatedSide } from '../task/copies.js';
import { feedSide } from '../task/feed.js';
import { dot } from './directParts.js';
import { subjectIn } from './headsAtSubject.js';
import { headRows, rowsAt, type Answers } from './readHeads.js';
import { ABLATED, upstreamGraph, type UpstreamShape } from './upstreamGraph.js';

/** The first copy is the model as it is, in each of the others one of the sources is ablated; those behind are not looked at. */
export async function runCopies(
  model: DeviceModel,
  nodes: Nodes,
  { batch, rows }: Answers,
  shape: UpstreamShape,
  sources: readonly number[],
): Promise<Fetched> {
  const { B, T, clean, corrupt } = batch;
  const { copies } = shape;
  const { H } = model.config;
  const program = await model.program(JSON.stringify(['upstream', B, T, shape]), () =>
    upstreamGraph(nodes, model.architecture({ B, T }), shape),
  );
  const I = nodes.sources.length;
  const ablated = new Float32Array(copies * I);
  sources.forEach((s, k) => (ablated[(k + 1) * I + s] = 1));
  const answers = repeated(rows.clean, copies, B * T);
  return program.run({
    ...feedSide('clean.', clean),
    ...(shape.ablation === 'patching' && feedSide('corrupt.', corrupt!)),
    ...feedSide('many.', repeatedSide(clean, copies)),
    ...rowsAt('answers', answers, copies * B * T),
    ...(shape.looks && rowsAt('looks', headRows(answers, T, H), copies * B * H * T)),
    [ABLATED]: ablated,
  });
}

export interface Head {
  readonly name: string;
  readonly layer: number;
  readonly h: number;
}

export interface Reading {
  readonly config: ModelConfig;
  /** Of `runCopies`. */
  readonly got: Fetched;
  readonly answer: Answers;
  readonly head: Head;
  readonly copies: number;
}

/**
 * Logits of good − bad that the head writes straight, by copy and example. Answer rows of an example add up, as their
 * weights in the difference do.
 * @param seen by layer the direction of good − bad as the heads' channels see it, [A, H·E].
 */
export function directOf(
  { config: { H, E }, got, answer: { batch, rows }, head: { layer, h }, copies }: Reading,
  seen: Fetched,
): number[][] {
  const [z, directions] = [got[`z${layer}`]!, seen[`seen${layer}`]!];
  const values = Array.from({ length: copies }, () => batch.examples.map(() => 0));
  for (const [c, own] of values.entries())
    for (let m = 0; m < rows.valid; m++)
      own[rows.example[m]!]! += dot(z, ((c * rows.M + m) * H + h) * E, directions, (m * H + h) * E, E);
  return values;
}

/** Attention to the subject, by copy and example that has one: the mean over its answer rows. */
export function attentionOf({ config: { H }, got, answer, head: { layer, h }, copies }: Reading): number[][] {
  const { batch, rows } = answer;
  const { T } = batch;
  const pattern = got[`pattern${layer}`]!;
  const subjects = batch.examples.map(subjectIn);
  const reads = batch.examples.map(() => 0);
  for (let m = 0; m < rows.valid; m++) reads[rows.example[m]!]!++;
  return Array.from({ length: copies }, (_, c) => {
    const own = batch.examples.map(() => 0);
    for (let m = 0; m < rows.valid; m++) {
      const e = rows.example[m]!;
      for (const t of subjects[e]!) own[e]! += pattern[((c * rows.M + m) * H + h) * T + t]! / reads[e]!;
    }
    return own.filter((_, e) => subjects[e]!.length > 0);
  });
}
