/** The run of now: beginning, playing and ending it, and what the page is told of that. One at a time. */
import { ConfigError, keptText, type RunEvent } from '@circuit-tuning/core';
import { BrowserGpuError, lossBehind, lostError } from '../gpu.js';
import { readCircuit, type Found } from '../record/index.js';
import type { OwnRun } from '../storage/index.js';
import { LiveRun } from './liveRun.js';
import type { Mode } from './playback.js';
import type { Listener, Phase, Status } from './protocol.js';
import type { Ready } from './ready.js';
import { troubleOf } from './trouble.js';
import { Turns } from './turns.js';

const phaseOf: Readonly<Record<Mode, Phase>> = { playing: 'running', stepping: 'running', paused: 'paused' };

/** Progress is told no more often than screens are drawn by half. */
const TELL_EVERY_MS = 33;

export class RunControl {
  readonly #listener: Listener;
  /** Beginning, going on and ending of runs, one after the other. */
  readonly #changes = new Turns();
  /** Of the run that is being made ready. */
  #preparing: AbortController | undefined;
  #live: LiveRun | undefined;
  /** Settles when the live run has come to its end, and that was told. */
  #followed: Promise<void> = Promise.resolve();
  #status: Status = { phase: 'idle' };
  /** Questions to the live run. */
  #waiting = 0;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  /** Whether there is a run, or one is being made ready. */
  get isTaken(): boolean {
    return this.#live !== undefined || this.#preparing !== undefined;
  }

  /** @throws ConfigError where there is no run. */
  get live(): LiveRun {
    if (this.#live) return this.#live;
    throw new ConfigError({
      where: 'the lab',
      rule: 'must have a run, whose model can be asked',
      got: 'none',
      cure: 'Start a run, or go on with one',
    });
  }

  /** Ends what went on before, makes a run ready and plays it; resolves with its id once that is certain. */
  begin(ready: (signal: AbortSignal) => Promise<Ready>): Promise<string> {
    this.#preparing?.abort();
    const preparing = (this.#preparing = new AbortController());
    return this.#changes.take(async () => {
      await this.#end();
      try {
        preparing.signal.throwIfAborted();
        this.#say({ phase: 'loading', what: 'reading the experiment' });
        const made = await ready(preparing.signal);
        this.#say({ phase: 'loading', run: made.own.id, what: 'loading the model' });
        this.#play(made);
        return made.own.id;
      } catch (error) {
        this.#say({ phase: 'idle' });
        throw error;
      } finally {
        if (this.#preparing === preparing) this.#preparing = undefined;
      }
    });
  }

  play(): void {
    this.#live?.playback.play();
  }

  pause(): void {
    this.#live?.playback.pause();
  }

  step(): void {
    this.#live?.playback.step();
  }

  async stop(): Promise<void> {
    this.#preparing?.abort();
    await this.#live?.playback.stop();
    await this.#followed;
  }

  /** A paused run does not notice by itself. */
  deviceLost(): void {
    void this.#live?.playback.stop();
  }

  /** Ends and forgets the run, then does `last` before another can begin. */
  async dispose(last: () => Promise<void>): Promise<void> {
    this.#preparing?.abort();
    await this.#changes.take(async () => {
      await this.#end();
      await last();
    });
    this.#say({ phase: 'idle' });
  }

  /** Tells an event, with the circuit that it brings as the run keeps it. */
  async tell({ keeper }: OwnRun, event: RunEvent): Promise<void> {
    this.#listener.event(event, await foundBy(event, keeper));
  }

  #say(status: Status): void {
    this.#status = status;
    this.#listener.status(this.#waiting > 0 ? { ...status, waiting: this.#waiting } : status);
  }

  #saidAt = 0;

  /** A small model is done with a piece of its work faster than anybody can read. */
  #sayProgress(status: Status): void {
    const now = performance.now();
    const isNews =
      status.what !== this.#status.what || status.done === status.of || now - this.#saidAt >= TELL_EVERY_MS;
    if (!isNews) return;
    this.#saidAt = now;
    this.#say(status);
  }

  #play(ready: Ready): void {
    const { own } = ready;
    const live = new LiveRun({
      ...ready,
      onEvent: (event) => this.tell(own, event),
      onMode: (mode) => this.#say({ ...this.#status, phase: phaseOf[mode] }),
      onProgress: (what, done, of) => {
        const { mode } = live.playback;
        const phase = live.isLoaded || mode === 'paused' ? phaseOf[mode] : 'loading';
        this.#sayProgress({ phase, run: own.id, what, done, of });
      },
      onWaiting: (questions) => {
        this.#waiting = questions;
        this.#say(this.#status);
      },
    });
    this.#live = live;
    this.#followed = this.#follow(live);
  }

  async #follow({ own, gpu, playback }: LiveRun): Promise<void> {
    let status: Status;
    let ended: 'done' | 'failed' | 'interrupted';
    try {
      const how = await playback.ended;
      // a run that was at rest when the device went is stopped, and that is not what the user did
      const lost = how === 'stopped' ? await Promise.race([gpu.lost, Promise.resolve()]) : undefined;
      if (lost !== undefined) throw lostError(lost);
      status = { phase: how, run: own.id };
      ended = how === 'done' ? 'done' : 'interrupted';
    } catch (error) {
      const known = await lossBehind(error, gpu);
      const isLost = known instanceof BrowserGpuError;
      status = { phase: 'failed', run: own.id, trouble: troubleOf(known), isLost };
      ended = isLost ? 'interrupted' : 'failed';
    }
    try {
      await own.ended(ended);
    } catch (error) {
      status = { phase: 'failed', run: own.id, trouble: troubleOf(error) };
    }
    own.close();
    this.#say(status);
  }

  /** Ends the live run and forgets it. */
  async #end(): Promise<void> {
    const live = this.#live;
    this.#live = undefined;
    await live?.dispose();
    await this.#followed;
  }
}

async function foundBy(event: RunEvent, keeper: OwnRun['keeper']): Promise<Found | undefined> {
  if (event.kind !== 'search' && event.kind !== 'circuit') return undefined;
  const path = event.circuit;
  const text = await keptText(keeper, path);
  return text === undefined ? undefined : readCircuit(text, `${keeper.name}/${path}`).found;
}
