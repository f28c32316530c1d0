/**
 * Play, pause, step and stop over a generator of events. A pause is that nobody asks for the next event; a stop aborts the
 * generator and asks on until it has ended, so that it can save what it has.
 */
import type { RunEvent } from '@circuit-tuning/core';

export type Mode = 'playing' | 'stepping' | 'paused';

export interface PlaybackOptions {
  readonly events: AsyncGenerator<RunEvent>;
  /** Ends the events. */
  readonly abort: AbortController;
  /** Waits for a turn at the device. */
  readonly turn: <T>(work: () => Promise<T>) => Promise<T>;
  readonly onEvent: (event: RunEvent) => Promise<void>;
  /** The mode changed: by a call, or because a step is done. */
  readonly onMode: (mode: Mode) => void;
}

/** What the user sees as one step: measurements, of what moved too, and searches come with the step after them. */
const endsStep = ({ kind }: RunEvent): boolean => !['metric', 'search', 'moved'].includes(kind);

export class Playback {
  readonly #options: PlaybackOptions;
  #mode: Mode = 'playing';
  #wake: () => void = () => {};
  /** How it ended; rejects with what the events threw. */
  readonly ended: Promise<'done' | 'stopped'>;

  constructor(options: PlaybackOptions) {
    this.#options = options;
    this.ended = this.#run();
  }

  get mode(): Mode {
    return this.#mode;
  }

  play(): void {
    this.#set('playing');
  }

  pause(): void {
    this.#set('paused');
  }

  step(): void {
    this.#set('stepping');
  }

  /** Resolves when the events have ended, however they did. */
  async stop(): Promise<void> {
    this.#options.abort.abort();
    this.#wake();
    await this.ended.catch(() => {});
  }

  #set(mode: Mode): void {
    if (mode === this.#mode || this.#options.abort.signal.aborted) return;
    this.#mode = mode;
    this.#options.onMode(mode);
    this.#wake();
  }

  async #run(): Promise<'done' | 'stopped'> {
    const { events, abort, turn, onEvent } = this.#options;
    const { signal } = abort;
    try {
      for (;;) {
        while (this.#mode === 'paused' && !signal.aborted) await new Promise<void>((resolve) => (this.#wake = resolve));
        const { done, value } = await turn(() => events.next());
        if (done) return 'done';
        await onEvent(value);
        if (this.#mode === 'stepping' && endsStep(value)) this.#set('paused');
      }
    } catch (error) {
      if (signal.aborted && error === signal.reason) return 'stopped';
      throw error;
    } finally {
      // what listens to the events may have failed, not they
      await events.return(undefined).catch(() => {});
    }
  }
}
