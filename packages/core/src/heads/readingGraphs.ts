/**
 * The graphs behind `readHeads`: one runs the model and keeps what each part writes where answers are read, two more put
 * that through the weights of the heads. Nothing here knows an example.
 */
import { Graph } from '../graph/graph.js';
import { grad } from '../graph/grad.js';
import type { Value } from '../graph/value.js';
import { parameterShapes } from '../model/parameters.js';
import { PlainStream } from '../model/stream.js';
import { tokenInputs, transformer, unembedParams, type Architecture } from '../model/transformer.js';
import { readout } from '../model/vocabulary.js';
import { attention, gatherRows, groupedNN, matmulNT } from '../ops/index.js';
import { objectiveInputs } from '../task/feed.js';
import { sideOf } from '../attribution/deltas.js';

export interface ReadingShape {
  /** Objective: M rows, P ids. */
  readonly M: number;
  readonly P: number;
  /** Rows where answers are read, each once. */
  readonly answers: number;
  /** Rows of subjects; 0 where no example of the task has one. */
  readonly subjects: number;
  /** Whether the corrupted side is run too. */
  readonly isPaired: boolean;
}

/** What a graph makes, and what is fetched of it by name. */
export interface Built {
  readonly graph: Graph;
  readonly fetch: Record<string, Value>;
}

/**
 * Forward, and back to the normed stream. Fetches, at the answer rows A: `u` [A, D], the gradient of the metric at the
 * normed stream (for a logit difference Σ weight · W_U[id], exactly); `rstd` [A] of the final norm; `input`, `mlp0`, …
 * [A, D] as written; `z0`, … [A, H·E]; `pattern0`, … [A·H, T]. At the subject rows X: `clean0`, … and `corrupt0`, … [X, D],
 * what the attention of a layer reads, normed. And `picked` [M, P].
 */
export function readingGraph(architecture: Architecture, shape: ReadingShape): Built {
  const graph = new Graph();
  const { config, chunks, B, T } = architecture;
  const { L, D, H, E } = config;
  const { answers, subjects } = shape;
  const stream = new PlainStream(graph);
  const x = graph.within('clean', () =>
    transformer(graph, architecture, tokenInputs(graph, 'clean.', architecture), stream),
  );
  const objective = objectiveInputs(graph, { N: B * T, M: shape.M, P: shape.P });
  const { picked, lse } = readout(graph, x, objective, unembedParams(graph, architecture), chunks);
  const seeds = new Map([
    [picked, objective.seedPicked],
    [lse, objective.seedLse],
  ]);
  const u = grad(graph, { seeds, wrt: [x] }).get(x)!;

  const at = (name: string, value: Value, width: number, count: number): Value =>
    gathered(graph, name, graph.view(value, [value.shape.reduce((n, size) => n * size, 1) / width, width]), count);
  const answer = (value: Value, width = D): Value => at('answers', value, width, answers);
  const fetch: Record<string, Value> = {
    picked,
    u: answer(u),
    rstd: answer(stream.finalNorm.rstd, 1),
    input: answer(stream.input),
  };
  const patterns = graph.calls.filter(({ op }) => op === attention).map(({ outs }) => outs['pattern']!);
  for (let l = 0; l < L; l++) {
    fetch[`z${l}`] = answer(stream.writes[2 * l]!.pre, H * E);
    fetch[`mlp${l}`] = answer(stream.writes[2 * l + 1]!.out);
    if (subjects > 0) fetch[`pattern${l}`] = at('looks', patterns[l]!, T, answers * H);
  }
  if (subjects > 0 && shape.isPaired) {
    const corrupt = sideOf(graph, architecture, 'corrupt');
    for (let l = 0; l < L; l++) {
      fetch[`clean${l}`] = at('subjects', stream.reads[2 * l]!.stats.y, D, subjects);
      fetch[`corrupt${l}`] = at('subjects', corrupt.reads[2 * l]!.stats.y, D, subjects);
    }
  }
  return { graph, fetch };
}

/** `<name>` lists the rows; the starts serve the gradient of a gather, which is not taken here. */
export function gathered(graph: Graph, name: string, x: Value, count: number): Value {
  const [N, D] = x.shape as [number, number];
  const rows = graph.input(name, [count], 'u32');
  const starts = graph.input(`${name}.starts`, [N + 1], 'u32');
  return graph.call(gatherRows, { x, rows, starts }, { dims: { N, D }, label: `${x.name}.${name}` }).y!;
}

/**
 * Inputs `direction` [A, D] and, of the subjects, `difference0`, … [X, D]. Fetches `seen0`, … [A, H·E], the direction
 * as each channel of the heads' outputs sees it, W_O · direction; and `value0`, … [X, K·E], W_V · difference.
 */
export function projectionGraph(architecture: Architecture, answers: number, examples: number): Built {
  const { L, D } = architecture.config;
  const graph = new Graph();
  const fetch: Record<string, Value> = {};
  const direction = graph.input('direction', [answers, D]);
  for (let l = 0; l < L; l++) {
    const { W_O, W_V } = attentionWeights(graph, architecture, l);
    fetch[`seen${l}`] = graph.call(matmulNT, { a: direction, b: W_O }, { label: `seen${l}` }).y!;
    if (examples === 0) continue;
    const difference = graph.input(`difference${l}`, [examples, D]);
    fetch[`value${l}`] = graph.call(matmulNT, { a: difference, b: W_V }, { label: `value${l}` }).y!;
  }
  return { graph, fetch };
}

/** Input `value0`, … [X, H·E], each head's own; fetches `out0`, … [H, X, D], what each head writes of it. */
export function outputGraph(architecture: Architecture, examples: number): Built {
  const { L, D, H, E } = architecture.config;
  const graph = new Graph();
  const fetch: Record<string, Value> = {};
  for (let l = 0; l < L; l++) {
    const x = graph.input(`value${l}`, [examples, H * E]);
    const w = attentionWeights(graph, architecture, l).W_O;
    fetch[`out${l}`] = graph.call(groupedNN, { x, w }, { dims: { N: examples, G: H, E, D }, label: `out${l}` }).y!;
  }
  return { graph, fetch };
}

function attentionWeights(
  graph: Graph,
  { config, dtype }: Architecture,
  layer: number,
): Readonly<Record<'W_O' | 'W_V', Value>> {
  const shapes = new Map(parameterShapes(config).map(({ name, shape }) => [name, shape]));
  const weight = (name: string): Value => {
    const full = `blocks.${layer}.attn.${name}`;
    return graph.param(full, shapes.get(full)!, dtype);
  };
  return { W_O: weight('W_O'), W_V: weight('W_V') };
}
