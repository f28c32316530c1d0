/**
 * What a model says after the last token of texts. T is rounded up, so that texts of many lengths share few programs:
 * padding lies behind the last token, where causal attention never looks.
 */
import { TaskError } from '../errors.js';
import { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import type { Fetched } from '../run/program.js';
import { rangeStarts, type Inputs } from '../task/feed.js';
import type { ModelConfig } from './config.js';
import type { DeviceModel } from './deviceModel.js';
import { PlainStream } from './stream.js';
import { tokenInputs, transformer, unembedParams } from './transformer.js';
import { wholeLogits } from './vocabulary.js';

const BUCKET = 32;

/** The T of the programs that read a text of that many tokens. */
export const bucketOf = (length: number): number => Math.ceil(length / BUCKET) * BUCKET;

/**
 * Logits [V] of the token after the last.
 * @throws TaskError for a text without tokens, one above the context, or an id beyond the vocabulary.
 */
export async function lastLogits(model: DeviceModel, tokens: readonly number[]): Promise<Float32Array<ArrayBuffer>> {
  requireText(tokens, model.config);
  const T = bucketOf(tokens.length);
  const program = await model.program(JSON.stringify(['last', T]), () => {
    const graph = new Graph();
    const shape = { B: 1, T };
    const x = transformer(graph, model.architecture(shape), tokenInputs(graph, '', shape), new PlainStream(graph));
    return { graph, fetch: lastRows(graph, x, shape, model) };
  });
  return joinChunks(model, await program.run({ ...feedTexts([tokens], T), ...feedLast([tokens], T) }));
}

/** What `tokenInputs` without a prefix declares. */
export function feedTexts(texts: readonly (readonly number[])[], T: number): Inputs {
  const at = (value: (tokens: readonly number[], t: number) => number): Uint32Array =>
    Uint32Array.from({ length: texts.length * T }, (_, n) => value(texts[Math.floor(n / T)]!, n % T));
  return {
    tokens: at((tokens, t) => tokens[t] ?? 0),
    mask: at((tokens, t) => (t < tokens.length ? 1 : 0)),
    positions: at((tokens, t) => Math.min(t, tokens.length - 1)),
  };
}

/** What `lastRows` declares. */
export function feedLast(texts: readonly (readonly number[])[], T: number): Inputs {
  const rows = Uint32Array.from(texts, (tokens, b) => b * T + tokens.length - 1);
  return { rows, starts: rangeStarts(rows, texts.length * T) };
}

/** Logits of one row of each text, a value for each chunk of the vocabulary; `joinChunks` puts them together. */
export function lastRows(
  graph: Graph,
  x: Value,
  { B, T }: { B: number; T: number },
  model: Pick<DeviceModel, 'config' | 'chunks' | 'dtype'>,
): Record<string, Value> {
  const where = { rows: graph.input('rows', [B], 'u32'), starts: graph.input('starts', [B * T + 1], 'u32') };
  const logits = wholeLogits(graph, x, where, unembedParams(graph, model));
  return Object.fromEntries(logits.map((value, i) => [`${i}`, value]));
}

export function joinChunks(
  { config, chunks }: Pick<DeviceModel, 'config' | 'chunks'>,
  fetched: Fetched,
  text = 0,
): Float32Array<ArrayBuffer> {
  const logits = new Float32Array(config.V);
  chunks.forEach(({ first, rows }, i) => logits.set(fetched[`${i}`]!.subarray(text * rows, (text + 1) * rows), first));
  return logits;
}

/** @throws TaskError for a text without tokens, one above the context, or an id beyond the vocabulary. */
export function requireText(tokens: readonly number[], { T, V }: ModelConfig): void {
  if (tokens.length === 0)
    throw new TaskError({
      where: 'prompt',
      rule: 'must have at least one token',
      got: 'none',
      cure: 'Write a few words, or put a token id first',
    });
  if (tokens.length > T)
    throw new TaskError({
      where: 'prompt',
      rule: `must fit the model's context of ${T} tokens`,
      got: tokens.length,
      cure: 'Shorten it',
    });
  const alien = tokens.find((id) => id >= V);
  if (alien !== undefined)
    throw new TaskError({
      where: 'prompt',
      rule: `token ids must lie below ${V}`,
      got: alien,
      cure: 'Use the tokenizer of this model',
    });
}
