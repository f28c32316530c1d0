/** Tokens one after another: the prompt is read once, then each token runs a row behind the keys and values of those before. */
import { ConfigError, TaskError } from '../errors.js';
import { Random } from '../task/random.js';
import type { DeviceModel } from './deviceModel.js';
import { KeyValueCache } from './keyValueCache.js';
import { requireText } from './lastLogits.js';

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

/**
 * Yields token ids until `maxTokens`, a stop token, or the end of the model's context. Keys and values take memory of the
 * device until then, or until the generator is left.
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
  const pick = (logits: Float32Array): number =>
    temperature === 0 ? likeliest(logits) : draw(logits, temperature, topK ?? logits.length, random);
  const most = Math.min(maxTokens, model.config.T - prompt.length);
  const cache = new KeyValueCache(model, 1);
  try {
    let next: number | undefined;
    for (let made = 0; made < most; made++) {
      const before = next;
      const logits = await model.session.during('generate', () =>
        before === undefined ? cache.start(new Map([[0, prompt]])) : cache.next(new Map([[0, before]])),
      );
      next = pick(logits.get(0)!);
      yield next;
      if (stop.includes(next)) return;
    }
  } finally {
    cache.close();
  }
}

export function likeliest(logits: Float32Array): number {
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

function check(prompt: readonly number[], config: DeviceModel['config'], options: GenerateOptions): void {
  const { maxTokens, temperature = 0, topK = 1 } = options;
  requireText(prompt, config);
  if (prompt.length === config.T)
    throw new TaskError({
      where: 'prompt',
      rule: `must leave room in the model's context of ${config.T} tokens`,
      got: prompt.length,
      cure: 'Shorten it',
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
