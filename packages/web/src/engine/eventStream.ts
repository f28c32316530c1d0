/** What is pushed comes out of `for await`, in order and none left out, until the stream ends. */
export class EventStream<T> implements AsyncIterableIterator<T> {
  readonly #waiting: T[] = [];
  readonly #asking: ((result: IteratorResult<T, undefined>) => void)[] = [];
  readonly #onReturn: () => void;
  #hasEnded = false;

  /** `onReturn`: nobody listens any more. */
  constructor(onReturn: () => void) {
    this.#onReturn = onReturn;
  }

  push(value: T): void {
    if (this.#hasEnded) return;
    const asking = this.#asking.shift();
    if (asking) asking({ done: false, value });
    else this.#waiting.push(value);
  }

  /** What was pushed before still comes out. */
  end(): void {
    this.#hasEnded = true;
    for (const asking of this.#asking.splice(0)) asking({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#waiting.length > 0) return Promise.resolve({ done: false, value: this.#waiting.shift()! });
    if (this.#hasEnded) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#asking.push(resolve));
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#waiting.length = 0;
    this.end();
    this.#onReturn();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
