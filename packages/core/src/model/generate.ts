/**
 * Tokens one after another. The whole text is read again for each: simple, and right for looking at what a tuned model
 * says; there is no cache of keys and values.
 */
import { ConfigError, TaskError } from '../errors.js';
import { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { rangeStarts } from '../task/feed.js';
import { Random } from '../task/random.js';
import type { DeviceModel } from './deviceModel.js';
import { PlainStream } from './stream.js';
import { tokenInputs, transformer, unembedParams } from './transformer.js';
import { wholeLogits } from './vocabulary.js';

export interface GenerateOptions {
  readonly maxTokens: number;
  /** 0 (the default) takes the likeliest token, the first of equals; else logits are divided by it and a token is drawn. */
  readonly temperature?: number;
  /** Draw among the k likeliest; all unless told. */
  readonly topK?: number;
  readonly seed?: number;
  /** Ends after one of these, which is yielded. */
  readonly stop?: readonly number[];
}

/** T is rounded up to a multiple of this: few lengths, few plans. */
const BUCKET = 32;

/**
 * Yields token ids until `maxTokens`, a stop token, or the end of the model's context.
 * @throws TaskError for an empty prompt or one that fills the context; ConfigError for options that cannot be followed.
 */
export async function* generate(
  model: DeviceModel,
  prompt: readonly number[],
  options: GenerateOptions,
): AsyncGenerator<number> {
  const { maxTokens, temperature = 0, topK, seed = 0, stop = [] } = options;
  check(prompt, model.config, options);
  const random = new Random(seed, 0x6e4e_0000);
  const tokens = [...prompt];
  for (let made = 0; made < maxTokens && tokens.length < model.config.T; made++) {
    const logits = await lastLogits(model, tokens);
    const next = temperature === 0 ? likeliest(logits) : draw(logits, temperature, topK ?? logits.length, random);
    tokens.push(next);
    yield next;
    if (stop.includes(next)) return;
  }
}

/** Logits [V] of the token after the last. */
export async function lastLogits(model: DeviceModel, tokens: readonly number[]): Promise<Float32Array<ArrayBuffer>> {
  const { config, chunks } = model;
  const T = Math.ceil(tokens.length / BUCKET) * BUCKET;
  const program = await model.program(JSON.stringify(['last', T]), () => {
    const graph = new Graph();
    const shape = { B: 1, T };
    const x = transformer(graph, model.architecture(shape), tokenInputs(graph, '', shape), new PlainStream(graph));
    const where = { rows: graph.input('rows', [1], 'u32'), starts: graph.input('starts', [T + 1], 'u32') };
    const logits = wholeLogits(graph, x, where, unembedParams(graph, config, chunks));
    return { graph, fetch: Object.fromEntries(logits.map((value, i): [string, Value] => [`${i}`, value])) };
  });
  const last = tokens.length - 1;
  const rows = Uint32Array.of(last);
  const fetched = await program.run({
    tokens: Uint32Array.from({ length: T }, (_, t) => tokens[t] ?? 0),
    mask: Uint32Array.from({ length: T }, (_, t) => (t <= last ? 1 : 0)),
    positions: Uint32Array.from({ length: T }, (_, t) => Math.min(t, last)),
    rows,
    starts: rangeStarts(rows, T),
  });
  const logits = new Float32Array(config.V);
  chunks.forEach(({ first }, i) => logits.set(fetched[`${i}`]!, first));
  return logits;
}

function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[best]!) best = id;
  return best;
}

/** From the softmax of the k largest, by one uniform number: the same seed gives the same text. */
function draw(logits: Float32Array, temperature: number, k: number, random: Random): number {
  const order = Uint32Array.from(logits.keys()).toSorted((a, b) => logits[b]! - logits[a]! || a - b);
  const kept = order.subarray(0, k);
  const top = logits[kept[0]!]!;
  const weights = Array.from(kept, (id) => Math.exp((logits[id]! - top) / temperature));
  let left = random.float() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [i, weight] of weights.entries()) if ((left -= weight) < 0) return kept[i]!;
  return kept.at(-1)!;
}

function check(prompt: readonly number[], { T, V }: DeviceModel['config'], options: GenerateOptions): void {
  const { maxTokens, temperature = 0, topK = 1 } = options;
  const cure = 'Write a few words, or put a token id first';
  if (prompt.length === 0)
    throw new TaskError({ where: 'prompt', rule: 'must have at least one token', got: 'none', cure });
  if (prompt.length >= T)
    throw new TaskError({
      where: 'prompt',
      rule: `must leave room in the model's context of ${T} tokens`,
      got: prompt.length,
      cure: 'Shorten it',
    });
  const alien = prompt.find((id) => id >= V);
  if (alien !== undefined)
    throw new TaskError({
      where: 'prompt',
      rule: `token ids must lie below ${V}`,
      got: alien,
      cure: 'Use the tokenizer of this model',
    });
  if (!Number.isInteger(maxTokens) || maxTokens < 1)
    throw new ConfigError({
      where: 'max-tokens',
      rule: 'must be a whole number from 1',
      got: maxTokens,
      cure: 'Give 1 or more',
    });
  if (!(temperature >= 0 && Number.isFinite(temperature)))
    throw new ConfigError({
      where: 'temperature',
      rule: 'must be 0 or more',
      got: temperature,
      cure: 'Give 0 for the likeliest token',
    });
  if (!Number.isInteger(topK) || topK < 1)
    throw new ConfigError({
      where: 'top-k',
      rule: 'must be a whole number from 1',
      got: topK,
      cure: 'Leave it out to draw among all',
    });
}
