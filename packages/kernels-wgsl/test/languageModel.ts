/** What tests against PyTorch ask of a model: logits of a padded batch, and gradients of its loss. */
import {
  feedObjective,
  grad,
  Graph,
  objectiveInputs,
  packObjective,
  parameterShapes,
  PlainStream,
  readout,
  tokenInputs,
  transformer,
  unembedParams,
  valueOf,
  wholeLogits,
  type DeviceModel,
  type Objective,
  type Term,
} from '@circuit-tuning/core';

export interface Padded {
  B: number;
  T: number;
  N: number;
  ids: Uint32Array;
  mask: Uint32Array;
  feed: Record<string, Uint32Array>;
}

/** Positions count real tokens, wherever the padding is. */
export function padded(ids: Uint32Array, mask: Uint32Array, [B, T]: [number, number]): Padded {
  const positions = new Uint32Array(B * T);
  for (let b = 0; b < B; b++) {
    let count = 0;
    for (let t = 0; t < T; t++) {
      count += mask[b * T + t]!;
      positions[b * T + t] = Math.max(0, count - 1);
    }
  }
  return { B, T, N: B * T, ids, mask, feed: { 'clean.tokens': ids, 'clean.mask': mask, 'clean.positions': positions } };
}

/** Logits of every row, [N, V]. */
export async function logitsOf(model: DeviceModel, it: Padded): Promise<Float32Array> {
  const graph = new Graph();
  const x = transformer(graph, model.architecture(it), tokenInputs(graph, 'clean.', it), new PlainStream(graph));
  const rows = graph.input('rows', [it.N], 'u32');
  const starts = graph.input('starts', [it.N + 1], 'u32');
  const [logits] = wholeLogits(graph, x, { rows, starts }, unembedParams(graph, model));
  const program = await model.session.compile(graph, { logits: logits! });
  const got = await program.run({ ...it.feed, rows: Uint32Array.from({ length: it.N }, (_, i) => i) });
  return got.logits!;
}

/** The rows of real tokens. */
export const realRows = (values: Float32Array, { mask, N }: Padded): Float32Array =>
  values.filter((_, i) => mask[Math.floor(i / (values.length / N))] === 1);

/** Mean over pairs of neighbours that are both real tokens of −log p(next). */
export function languageLoss({ N, T, ids, mask }: Padded): Objective {
  const places = Array.from({ length: N }, (_, n) => n).filter((n) => (n + 1) % T !== 0 && mask[n] && mask[n + 1]);
  const scale = 1 / places.length;
  const terms = places.map((row): Term => ({
    row,
    example: 0,
    picks: [{ id: ids[row + 1]!, weight: -scale }],
    lseWeight: scale,
  }));
  return packObjective(terms, { examples: 1, normalise: 'mean', count: places.length, decides: 'nothing' });
}

/** The language loss, and its gradient for every parameter by name. */
export async function lossAndGradients(
  model: DeviceModel,
  it: Padded,
): Promise<{ loss: number; gradients: Record<string, Float32Array> }> {
  const graph = new Graph();
  const { config, chunks, session } = model;
  const x = transformer(graph, model.architecture(it), tokenInputs(graph, 'clean.', it), new PlainStream(graph));
  const loss = languageLoss(it);
  const objective = objectiveInputs(graph, { N: it.N, M: loss.M, P: loss.P });
  const { picked, lse } = readout(graph, x, objective, unembedParams(graph, model), chunks);
  const params = parameterShapes(config).map(({ name }) => ({
    name,
    value: graph.named(name) ?? graph.named(`${name}[0]`)!,
  }));
  const seeds = new Map([
    [picked, objective.seedPicked],
    [lse, objective.seedLse],
  ]);
  const cotangents = grad(graph, { seeds, wrt: params.map(({ value }) => value) });
  const fetch = Object.fromEntries(params.map(({ name, value }) => [name, cotangents.get(value)!]));
  const program = await session.compile(graph, { picked, lse, ...fetch });
  const { picked: logits, lse: sums, ...gradients } = await program.run({ ...it.feed, ...feedObjective(loss, it.N) });
  return { loss: valueOf(loss, logits!, sums!).total, gradients };
}
