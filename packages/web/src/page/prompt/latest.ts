/**
 * Asks one thing at a time and keeps no queue: what is wanted while an answer is on its way takes the place of what waited.
 * So a run that changes the model many times a second is asked a few times a second, and typing never waits for old answers.
 */
export interface LatestOptions {
  readonly ask: () => Promise<void>;
  /** Milliseconds after the last wish before anything is asked: enough to type the next letter. */
  readonly rest: number;
  /** Milliseconds between an answer and the next question. */
  readonly gap: number;
}

export class Latest {
  readonly #options: LatestOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;
  #isWanted = false;
  #answered = -Infinity;

  constructor(options: LatestOptions) {
    this.#options = options;
  }

  /** A wish that came from typing waits for a rest; one of a run that goes on does not put others off. */
  want({ isTyped = false } = {}): void {
    this.#isWanted = true;
    if (this.#isAsking) return;
    if (isTyped) this.#cancel();
    const { rest, gap } = this.#options;
    const wait = Math.max(isTyped ? rest : 0, this.#answered + gap - performance.now());
    this.#timer ??= setTimeout(() => void this.#ask(), Math.max(0, wait));
  }

  stop(): void {
    this.#isWanted = false;
    this.#cancel();
  }

  #cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #ask(): Promise<void> {
    this.#timer = undefined;
    this.#isAsking = true;
    this.#isWanted = false;
    await this.#options.ask();
    this.#isAsking = false;
    this.#answered = performance.now();
    if (this.#isWanted) this.want();
  }
}
