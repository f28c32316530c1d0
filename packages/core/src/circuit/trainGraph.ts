/**
 * One training step as a graph: forward, backward to the tuned parameters only, masked update.
 * A parameter without a tuned row has no gradient here, and nothing below the lowest tuned one is differentiated.
 */
import { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { grad } from '../graph/grad.js';
import { parameterShapes } from '../model/parameters.js';
import { maskName, stateName, type OptimizerKind } from './optimizer.js';
import type { Masks } from './slices.js';
import { PlainStream } from '../model/stream.js';
import { tokenInputs, transformer, unembedParams, type Architecture } from '../model/transformer.js';
import { chunkName, isChunked, readout } from '../model/vocabulary.js';
import { accumulate, adamw, sgd, sumSquares } from '../ops/index.js';
import { objectiveInputs } from '../task/feed.js';

/** A parameter as the device holds it (a vocabulary matrix is one for each chunk). */
export interface Tuned {
  readonly name: string;
  readonly shape: readonly number[];
  /** Length of its mask: rows, or 1 for a parameter that is tuned as a whole. */
  readonly units: number;
  /** Every row is tuned: no gradient row needs to be skipped. */
  readonly isWhole: boolean;
}

/** With its rows of the mask. */
export interface Part extends Tuned {
  readonly mask: Float32Array<ArrayBuffer>;
}

/** The tuned parameters in the order of the model, cut as the device holds them. */
export function partsOf({ config, chunks }: Pick<Architecture, 'config' | 'chunks'>, masks: Masks): Part[] {
  return parameterShapes(config).flatMap(({ name, shape }) => {
    const whole = masks.get(name);
    if (!whole?.some((on) => on !== 0)) return [];
    const parts = isChunked(name)
      ? chunks.map(({ first, rows }, i) => ({
          name: chunkName(name, i),
          shape: [rows, shape[1]!],
          mask: whole.slice(first, first + rows),
        }))
      : [{ name, shape, mask: whole }];
    return parts.map((part) => ({ ...part, units: part.mask.length, isWhole: part.mask.every((on) => on !== 0) }));
  });
}

/** The stream that a step is computed on; one of its own may form weights from other parameters. */
export type StreamOf = (graph: Graph) => PlainStream;

export interface TrainShape {
  readonly M: number;
  readonly P: number;
}

/**
 * Forward and backward. With `into: 'optimizer'` the update follows at once; with `into: 'sum'` gradients are added to
 * states, for a step of several micro-batches.
 */
export function trainGraph(
  architecture: Architecture,
  { M, P }: TrainShape,
  tuned: readonly Tuned[],
  { optimizer, isClipped, into }: { optimizer: OptimizerKind; isClipped: boolean; into: 'optimizer' | 'sum' },
  streamOf: StreamOf = (graph) => new PlainStream(graph),
): { graph: Graph; fetch: Record<string, Value> } {
  const graph = new Graph();
  const { config, chunks, B, T } = architecture;
  const x = transformer(graph, architecture, tokenInputs(graph, 'clean.', architecture), streamOf(graph));
  const objective = objectiveInputs(graph, { N: B * T, M, P });
  const { picked, lse } = readout(graph, x, objective, unembedParams(graph, config, chunks), chunks);
  const params = tuned.map(({ name, shape }) => graph.param(name, shape));
  const rows = new Map<Value, Value>();
  tuned.forEach(({ name, shape, units, isWhole }, i) => {
    if (!isWhole && shape.length === 2) rows.set(params[i]!, graph.param(maskName(name), [units]));
  });
  const seeds = new Map([
    [picked, objective.seedPicked],
    [lse, objective.seedLse],
  ]);
  const cotangents = grad(graph, { seeds, wrt: params, rows });
  const grads = params.map((param) => cotangents.get(param)!);
  const fetch: Record<string, Value> = { picked, lse };
  if (into === 'sum')
    tuned.forEach(({ name, shape }, i) => {
      const total = graph.state(stateName('grad', name), shape);
      graph.call(accumulate, { total, x: grads[i] }, { label: `${name}.grad.sum` });
    });
  else Object.assign(fetch, update(graph, tuned, grads, optimizer, isClipped));
  return { graph, fetch };
}

/** The update alone, from gradients summed by earlier graphs. */
export function applyGraph(
  tuned: readonly Tuned[],
  optimizer: OptimizerKind,
  isClipped: boolean,
): { graph: Graph; fetch: Record<string, Value> } {
  const graph = new Graph();
  const grads = tuned.map(({ name, shape }) => graph.state(stateName('grad', name), shape));
  return { graph, fetch: update(graph, tuned, grads, optimizer, isClipped) };
}

function update(
  graph: Graph,
  tuned: readonly Tuned[],
  grads: readonly Value[],
  optimizer: OptimizerKind,
  isClipped: boolean,
): Record<string, Value> {
  const hyper = graph.input('hyper', [8]);
  let norm2 = graph.input('norm2', [1]);
  const dimsOf = ({ shape, units }: Tuned): { U: number; D: number } => ({
    U: units,
    D: shape.reduce((n, size) => n * size, 1) / units,
  });
  const masks = tuned.map(({ name, units }) => graph.param(maskName(name), [units]));
  if (isClipped)
    tuned.forEach((it, i) => {
      const ins = { x: grads[i], mask: masks[i], before: norm2 };
      norm2 = graph.call(sumSquares, ins, { dims: { ...dimsOf(it), O: 1 }, label: `${it.name}.norm2` }).total!;
    });
  tuned.forEach((it, i) => {
    const state = (kind: 'velocity' | 'm' | 'v', shape = it.shape): Value =>
      graph.state(stateName(kind, it.name), shape);
    const common = { param: graph.param(it.name, it.shape), grad: grads[i], mask: masks[i], hyper, norm2 };
    const options = { dims: { ...dimsOf(it), J: 8, O: 1 }, label: `${it.name}.update` };
    if (optimizer === 'sgd') graph.call(sgd, { ...common, velocity: state('velocity') }, options);
    else {
      const age = graph.state(stateName('age', it.name), [it.units]);
      graph.call(adamw, { ...common, m: state('m'), v: state('v'), age }, options);
    }
  });
  return isClipped ? { norm2 } : {};
}
