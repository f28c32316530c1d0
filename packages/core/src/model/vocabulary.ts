/**
 * The vocabulary in row chunks: GPT-2's W_E alone (147 MiB) is above the 128 MiB that every WebGPU device binds, and the
 * logits of all positions would be larger still. Embedding, unembedding and their gradients run chunk by chunk.
 */
import type { Graph } from '../graph/graph.js';
import { elements, type Value } from '../graph/value.js';
import type { Capabilities } from '../kernel.js';
import { add, embed, embedF16, gatherRows, matmulNT, pickLogits } from '../ops/index.js';
import type { ModelConfig } from './config.js';
import type { WeightDType } from './parameters.js';

export interface Chunk {
  /** First row. */
  readonly first: number;
  readonly rows: number;
}

/** Rows of a chunk at most: at 256 positions a chunk's logits are then 8 MiB. */
const MOST_ROWS = 8192;

/** Fast matrix products load this many rows of an inner dimension at a time. */
const STEP = 4;

/**
 * Even chunks that fit one binding of this device, as f32: the unembedding widens those of f16 one by one. Where there are several, all have a multiple of four rows, and what is
 * left over has a chunk of its own: one odd chunk of 7,177 rows cost GPT-2 small a sixth of a training step.
 */
export function vocabularyChunks({ V, D }: ModelConfig, { limits }: Capabilities): Chunk[] {
  const bytes = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  const most = Math.max(1, Math.min(MOST_ROWS, Math.floor(bytes / (4 * D))));
  if (V <= most) return [{ first: 0, rows: V }];
  const step = most < STEP ? 1 : STEP;
  const even = V - (V % step);
  const rows = Math.min(roundUp(Math.ceil(even / Math.ceil(even / most)), step), most - (most % step));
  const chunks: Chunk[] = [];
  for (let first = 0; first < even; first += rows) chunks.push({ first, rows: Math.min(rows, even - first) });
  return even === V ? chunks : [...chunks, { first: even, rows: V - even }];
}

const roundUp = (value: number, to: number): number => Math.ceil(value / to) * to;

export const isChunked = (name: string): boolean => name === 'embed.W_E' || name === 'unembed.W_U';

/** `embed.W_E` → `embed.W_E[2]`: the name a chunk goes by in sessions and graphs. */
export const chunkName = (name: string, index: number): string => `${name}[${index}]`;

/** The chunks of a vocabulary matrix of a model. */
export const chunkParams = (
  graph: Graph,
  name: string,
  { config: { D }, chunks, dtype }: { config: ModelConfig; chunks: readonly Chunk[]; dtype?: WeightDType },
): Value[] => chunks.map(({ rows }, i) => graph.param(chunkName(name, i), [rows, D], dtype));

/** Rows of a table, [N, D], by their ids; of those that the table does not have, zeros. */
export const embedded = (
  graph: Graph,
  ins: { readonly ids: Value; readonly w: Value },
  options: { readonly label: string; readonly attrs?: { readonly first: number } },
): Value => graph.call(ins.w.dtype === 'f16' ? embedF16 : embed, ins, options).y!;

/** Token embeddings [N, D]: each chunk gives the rows it holds and zeros elsewhere. */
export function embedTokens(graph: Graph, ids: Value, weights: readonly Value[], chunks: readonly Chunk[]): Value {
  let sum: Value | undefined;
  chunks.forEach(({ first }, i) => {
    const part = embedded(graph, { ids, w: weights[i]! }, { attrs: { first }, label: chunkName('embed', i) });
    sum = sum ? graph.call(add, { a: sum, b: part }, { label: chunkName('embed', i) + '.sum' }).y! : part;
  });
  return sum!;
}

export interface Readout {
  /** [M, P] logits of the ids asked for. */
  readonly picked: Value;
  /** [M] log-sum-exp over the whole vocabulary. */
  readonly lse: Value;
}

/**
 * Bytes of logits that are kept for the backward pass. Above, they are computed again there, which for GPT-2 small is a
 * tenth of a training step; 256 positions of its 50,257 tokens are 49 MiB.
 */
const MOST_KEPT = 64 * 2 ** 20;

/**
 * Rows `rows` of the normed stream, and what an objective reads of their logits. Rows that it does not look at have none,
 * and the softmax runs over the vocabulary a chunk at a time.
 */
export function readout(
  graph: Graph,
  x: Value,
  { rows, starts, ids }: { rows: Value; starts: Value; ids: Value },
  weights: readonly Value[],
  chunks: readonly Chunk[],
): Readout {
  const chosen = graph.call(gatherRows, { x, rows, starts }, { label: 'logits.rows' }).y!;
  const logitBytes = 4 * elements(rows) * chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
  let carry: { lse?: Value; picked?: Value } = {};
  chunks.forEach(({ first }, i) => {
    const call = { label: chunkName('logits', i), recompute: logitBytes > MOST_KEPT };
    const logits = graph.call(matmulNT, { a: chosen, b: weights[i] }, call).y!;
    carry = graph.call(
      pickLogits,
      { logits, ids, lseIn: carry.lse, pickedIn: carry.picked },
      { attrs: { first }, label: chunkName('pick', i) },
    );
  });
  return { picked: carry.picked!, lse: carry.lse! };
}

/** Whole logits of the rows, one value [M, rows of the chunk] for each chunk. */
export function wholeLogits(
  graph: Graph,
  x: Value,
  { rows, starts }: { rows: Value; starts: Value },
  weights: readonly Value[],
): Value[] {
  const chosen = graph.call(gatherRows, { x, rows, starts }, { label: 'logits.rows' }).y!;
  return weights.map((b, i) => graph.call(matmulNT, { a: chosen, b }, { label: chunkName('logits', i) }).y!);
}
