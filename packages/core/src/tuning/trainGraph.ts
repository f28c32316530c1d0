/**
 * One training step as a graph: forward, backward to the tuned rows only, one update for each arena of parameters.
 * A row that is not tuned has neither gradient nor state here, and nothing below the lowest tuned one is differentiated.
 */
import { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { grad } from '../graph/grad.js';
import { optimizerStates, type OptimizerKind } from './optimizer.js';
import { PlainStream } from '../model/stream.js';
import { tokenInputs, transformer, unembedParams, type Architecture } from '../model/transformer.js';
import { readout } from '../model/vocabulary.js';
import { accumulate, adamw, sgd, sumSquares } from '../ops/index.js';
import { SLICE } from '../ops/optimizer.js';
import { objectiveInputs, seedsOf } from '../task/feed.js';
import type { TunedPart } from './part.js';
import type { TunedArena } from './tunedParts.js';

export interface TrainShape {
  readonly M: number;
  readonly P: number;
  /** Whether the objective has one. */
  readonly hasPenalty?: boolean;
}

/** What is tuned, and the prefix of the names under which a session holds all that belongs to it. */
export interface Tuned {
  readonly prefix: string;
  readonly parts: readonly TunedPart[];
  readonly arenas: readonly TunedArena[];
}

/** Names in a session: `rows` by parameter, all others by arena. */
export const heldName = ({ prefix }: Pick<Tuned, 'prefix'>, what: string, of: string | number): string =>
  `${prefix}.${what}.${of}`;

/** The stream that a step is computed on; one of its own may form weights from other parameters. */
export type StreamOf = (graph: Graph) => PlainStream;

/**
 * Forward and backward. With `into: 'optimizer'` the update follows at once; with `into: 'sum'` gradients are added to
 * states, for a step of several micro-batches.
 */
export function trainGraph(
  architecture: Architecture,
  { M, P, hasPenalty }: TrainShape,
  tuned: Tuned,
  { optimizer, isClipped, into }: { optimizer: OptimizerKind; isClipped: boolean; into: 'optimizer' | 'sum' },
  streamOf: StreamOf = (graph) => new PlainStream(graph),
): { graph: Graph; fetch: Record<string, Value> } {
  const graph = new Graph();
  const { chunks, B, T } = architecture;
  const x = transformer(graph, architecture, tokenInputs(graph, 'clean.', architecture), streamOf(graph));
  const objective = objectiveInputs(graph, { N: B * T, M, P });
  const { picked, lse } = readout(graph, x, objective, unembedParams(graph, architecture), chunks);
  const params = tuned.parts.map(({ name, shape }) => graph.param(name, shape));
  const rows = new Map<Value, Value>();
  tuned.parts.forEach(({ name, rows: wanted }, i) => {
    if (wanted) rows.set(params[i]!, graph.param(heldName(tuned, 'rows', name), [wanted.length], 'u32'));
  });
  const seeds = seedsOf(graph, { picked, lse }, objective, hasPenalty);
  const cotangents = grad(graph, { seeds, wrt: params, rows });
  const grads = gradients(graph, tuned, 'grads');
  tuned.parts.forEach(({ arena, gradAt }, i) => {
    graph.writeInto(cotangents.get(params[i]!)!, grads.get(arena)!, gradAt);
  });
  const fetch: Record<string, Value> = { picked, lse };
  if (into === 'sum')
    for (const [arena, total] of gradients(graph, tuned, 'sum'))
      graph.call(accumulate, { total, x: grads.get(arena)! }, { label: `sum.${arena}` });
  else Object.assign(fetch, update(graph, tuned, grads, optimizer, isClipped));
  return { graph, fetch };
}

/** The update alone, from gradients summed by earlier graphs. */
export function applyGraph(
  tuned: Tuned,
  optimizer: OptimizerKind,
  isClipped: boolean,
): { graph: Graph; fetch: Record<string, Value> } {
  const graph = new Graph();
  return { graph, fetch: update(graph, tuned, gradients(graph, tuned, 'sum'), optimizer, isClipped) };
}

/** By arena. */
const gradients = (graph: Graph, tuned: Tuned, what: 'grads' | 'sum'): Map<number, Value> =>
  new Map(tuned.arenas.map(({ index, grads }) => [index, graph.state(heldName(tuned, what, index), [grads])]));

function update(
  graph: Graph,
  tuned: Tuned,
  gradients: ReadonlyMap<number, Value>,
  optimizer: OptimizerKind,
  isClipped: boolean,
): Record<string, Value> {
  const hyper = graph.input('hyper', [8]);
  let norm2 = graph.input('norm2', [1]);
  const listed = tuned.arenas.map((arena) => {
    const { index, slices } = arena;
    const list = graph.param(heldName(tuned, 'slices', index), [slices.length / SLICE, SLICE], 'u32');
    return { ...arena, list, grad: gradients.get(index)! };
  });
  if (isClipped)
    for (const { name, grad, list } of listed)
      norm2 = graph.call(sumSquares, { grad, slices: list, before: norm2 }, { label: `${name}.norm2` }).total!;
  for (const { index, name, size, grad, list, states, units } of listed) {
    const state = Object.fromEntries(
      optimizerStates[optimizer].map((kind) => [
        kind,
        graph.state(heldName(tuned, kind, index), [kind === 'age' ? units : states]),
      ]),
    );
    const ins = { param: graph.param(name, [size]), grad, ...state, slices: list, hyper, norm2 };
    graph.call(optimizer === 'sgd' ? sgd : adamw, ins, { label: `${name}.update` });
  }
  return isClipped ? { norm2 } : {};
}
