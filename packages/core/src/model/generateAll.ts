/** Many texts gone on with side by side, each by its likeliest tokens. */
import type { DeviceModel } from './deviceModel.js';
import { likeliest } from './generate.js';
import { KeyValueCache } from './keyValueCache.js';

export interface GenerateAllOptions {
  readonly maxTokens: number;
  /** Texts at once. */
  readonly batchSize: number;
  /** Whether the text of that prompt ends after these new tokens; `maxTokens` and the model's context end it anyway. */
  readonly isOver: (made: readonly number[], i: number) => boolean;
  readonly onProgress?: (done: number, of: number) => void;
}

/**
 * The new tokens of each text, the one that ended it included. A text that is over makes room for the next.
 * @throws TaskError for a text without tokens, or one above the context.
 */
export async function generateAll(
  model: DeviceModel,
  prompts: readonly (readonly number[])[],
  { maxTokens, batchSize, isOver, onProgress }: GenerateAllOptions,
): Promise<number[][]> {
  const made: number[][] = prompts.map(() => []);
  const seats = Math.min(batchSize, prompts.length);
  const free = Array.from({ length: seats }, (_, seat) => seat);
  /** The prompt whose text is in a seat, of seats that are not free. */
  const running = new Map<number, number>();
  const cache = new KeyValueCache(model, Math.max(1, seats));
  const isFull = (i: number): boolean =>
    made[i]!.length === maxTokens || prompts[i]!.length + made[i]!.length >= model.config.T;
  /** What each text says next: those that are over then leave. */
  const take = (logits: ReadonlyMap<number, Float32Array>): void => {
    for (const [seat, of] of logits) {
      const i = running.get(seat)!;
      made[i]!.push(likeliest(of));
      if (!isFull(i) && !isOver(made[i]!, i)) continue;
      running.delete(seat);
      cache.drop(seat);
      free.push(seat);
    }
  };
  let next = 0;
  let done = 0;
  try {
    while (done < prompts.length) {
      const last = new Map([...running].map(([seat, i]) => [seat, made[i]!.at(-1)!]));
      const first = new Map<number, readonly number[]>();
      while (free.length > 0 && next < prompts.length) {
        const seat = free.shift()!;
        running.set(seat, next);
        first.set(seat, prompts[next++]!);
      }
      await model.session.during('generate', async () => {
        if (last.size > 0) take(await cache.next(last));
        if (first.size > 0) take(await cache.start(first));
      });
      const over = next - running.size;
      if (over > done) onProgress?.(over, prompts.length);
      done = over;
    }
  } finally {
    cache.close();
  }
  return made;
}
