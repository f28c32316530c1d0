/** Seconds that a run worked. It stands still while nobody asks for the next event: a pause is no work. */
export class Clock {
  readonly #now: () => number;
  #offset: number;
  #stopped: number | undefined;

  /** Goes on from `seconds`; `now` in milliseconds. */
  constructor(seconds = 0, now: () => number = () => performance.now()) {
    this.#now = now;
    this.#offset = now() - 1000 * seconds;
  }

  get seconds(): number {
    return ((this.#stopped ?? this.#now()) - this.#offset) / 1000;
  }

  stop(): void {
    this.#stopped ??= this.#now();
  }

  start(): void {
    if (this.#stopped === undefined) return;
    this.#offset += this.#now() - this.#stopped;
    this.#stopped = undefined;
  }
}
