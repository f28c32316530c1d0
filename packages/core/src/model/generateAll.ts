/** Many texts gone on with side by side, each by its likeliest tokens. As in generate.ts nothing is cached. */
import type { DeviceModel } from './deviceModel.js';
import { likeliest } from './generate.js';
import { lastLogitsOf } from './lastLogits.js';

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
  let running: number[] = [];
  let next = 0;
  let done = 0;
  while (done < prompts.length) {
    while (running.length < batchSize && next < prompts.length) running.push(next++);
    const texts = running.map((i) => [...prompts[i]!, ...made[i]!]);
    const logits = await model.session.during('generate', () => lastLogitsOf(model, texts, batchSize));
    running = running.filter((i, k) => {
      const own = made[i]!;
      own.push(likeliest(logits[k]!));
      const isFull = own.length === maxTokens || prompts[i]!.length + own.length === model.config.T;
      return !isFull && !isOver(own, i);
    });
    const over = next - running.length;
    if (over > done) onProgress?.(over, prompts.length);
    done = over;
  }
  return made;
}
