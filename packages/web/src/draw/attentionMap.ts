/** What each token looks at: heat maps of attention patterns, token by token, up to two side by side. */
import { h } from './dom.js';

export interface AttentionPicture {
  /** `base model`, `tuned, step 20`. */
  readonly name: string;
  /** Row: the token that looks; column: what it looks at. [T, T], each row sums to 1. */
  readonly pattern: ArrayLike<number>;
}

export interface AttentionMap {
  readonly element: HTMLElement;
  /** Other tokens, another head, another step. */
  set(tokens: readonly string[], pictures: readonly AttentionPicture[]): void;
  destroy(): void;
}

/** @throws RangeError where a pattern is not [T, T]. */
export function attentionMap(tokens: readonly string[], pictures: readonly AttentionPicture[]): AttentionMap {
  const element = h('div', { class: 'attention' });
  const set = (next: readonly string[], shown: readonly AttentionPicture[]): void => {
    for (const { name, pattern } of shown)
      if (pattern.length !== next.length ** 2)
        throw new RangeError(
          `${name}: pattern must have ${next.length} × ${next.length} numbers, got ${pattern.length}`,
        );
  };
  set(tokens, pictures);
  return { element, set, destroy: () => element.remove() };
}
