/** A run on the device: its model, its playback, and what questions about it need. */
import {
  keptParameters,
  runExperiment,
  withManifest,
  type DeviceModel,
  type Manifest,
  type Prepared,
  type RunEvent,
} from '@circuit-tuning/core';
import { lossBehind, type BrowserGpu } from '../gpu.js';
import type { OwnRun } from '../storage/index.js';
import { giveBack, place, type Placed } from './placed.js';
import { Playback, type Mode } from './playback.js';
import type { Asking } from './questions.js';
import { Turns } from './turns.js';

export interface LiveRunOptions {
  readonly own: OwnRun;
  readonly prepared: Prepared;
  readonly gpu: BrowserGpu;
  readonly manifest: Manifest;
  /** The base model, if it is on the device already or on its way: the run gives it back. */
  readonly placed?: Promise<Placed>;
  readonly onEvent: (event: RunEvent) => Promise<void>;
  readonly onMode: (mode: Mode) => void;
  readonly onProgress: (what: string, done: number, of: number) => void;
  /** How many questions wait for what is under way; told only of those that do so for long. */
  readonly onWaiting: (questions: number) => void;
}

/** Who waits longer wants to be told why. */
const PATIENCE_MS = 1000;

export class LiveRun {
  readonly own: OwnRun;
  readonly gpu: BrowserGpu;
  readonly playback: Playback;
  readonly #options: LiveRunOptions;
  readonly #turns = new Turns();
  readonly #abort = new AbortController();
  #now: Placed | undefined;
  #base: Placed | undefined;
  #step = 0;
  #version = 0;
  #waiting = 0;

  constructor(options: LiveRunOptions) {
    this.#options = options;
    this.own = options.own;
    this.gpu = options.gpu;
    this.playback = new Playback({
      events: this.#events(),
      abort: this.#abort,
      turn: (work) => this.#turns.take(work),
      onMode: options.onMode,
      onEvent: options.onEvent,
    });
  }

  get isLoaded(): boolean {
    return this.#now !== undefined;
  }

  /** Asks when nothing else is at the device: between two events of the run. */
  ask<T>(question: (asking: Asking) => Promise<T>): Promise<T> {
    const { prepared, onWaiting } = this.#options;
    let isLong = false;
    const patience = setTimeout(() => {
      isLong = true;
      onWaiting(++this.#waiting);
    }, PATIENCE_MS);
    return this.#turns.take(async () => {
      clearTimeout(patience);
      if (isLong) onWaiting(--this.#waiting);
      const now = (this.#now ??= await place(this.gpu, prepared.base));
      this.#base ??= await place(this.gpu, prepared.base);
      try {
        return await question({
          nodes: prepared.nodes,
          tokenizer: prepared.base.tokenizer,
          now: now.model,
          base: this.#base.model,
          step: this.#step,
          version: this.#version,
          examples: prepared,
        });
      } catch (error) {
        throw await lossBehind(error, this.gpu);
      }
    });
  }

  /** Ends the run if it goes on, and gives back its memory on the device. */
  async dispose(): Promise<void> {
    await this.playback.stop();
    await this.#turns.take(async () => {
      for (const placed of [this.#now, this.#base]) if (placed) giveBack(placed);
      this.#now = this.#base = undefined;
    });
  }

  async *#events(): AsyncGenerator<RunEvent> {
    const { prepared, own, manifest, placed, onProgress } = this.#options;
    const { signal } = this.#abort;
    // what went wrong on the way there is told by doing it again
    this.#now ??= await placed?.catch(() => undefined);
    signal.throwIfAborted();
    this.#now ??= await place(this.gpu, prepared.base, (done, of) => {
      signal.throwIfAborted();
      onProgress('loading the model', done, of);
    });
    const { keeper } = own;
    const events = runExperiment({ model: this.#now.model, prepared, keeper, signal, onProgress });
    let isOver = true;
    for await (const event of withManifest(events, { keeper, manifest, signal })) {
      isOver = false;
      // while the turn is still the run's: the next question is about the model after this event
      this.#version++;
      if ('step' in event) this.#step = event.step;
      yield event;
    }
    if (isOver) await this.#recall(this.#now.model);
  }

  /** Puts the model that a finished run came to last on the device, so that it can be asked. */
  async #recall(model: DeviceModel): Promise<void> {
    const { prepared, own } = this.#options;
    for (const method of prepared.experiment.tuning?.methods.toReversed() ?? []) {
      const kept = await keptParameters(own.keeper, method);
      if (!kept) continue;
      await model.writeAll(kept.parameters);
      this.#step = kept.step;
      this.#version++;
      return;
    }
  }
}
