/**
 * A whole experiment as an async generator of facts: measure, find the circuit, tune by each method from the same base,
 * measure again. It imports no runtime: whoever runs it hands in the model on a device and a place to keep what is found,
 * and decides how the facts look.
 */
import type { DeviceModel } from '../model/deviceModel.js';
import { latestCheckpoint } from './checkpoint.js';
import { Clock } from './clock.js';
import { EventLog, keptEvents } from './eventLog.js';
import type { Fact, RunEvent } from './events.js';
import type { Keeper } from './keeper.js';
import type { Prepared } from './prepared.js';
import { runMethod } from './runMethod.js';
import { before } from './runner.js';
import type { Running } from './working.js';

export interface RunOptions {
  /** Holding the parameters of `prepared.base`. */
  readonly model: DeviceModel;
  readonly prepared: Prepared;
  /** A run that it already holds goes on from its last checkpoint, to the same bits. */
  readonly keeper: Keeper;
  /** `model` and `delta` of the only method lie directly in the run, not below its name. */
  readonly isFlat?: boolean;
  /**
   * Ends the run once the next event is asked for: tuning after the step it is in and a checkpoint, all else at once.
   * So whoever holds a paused run and wants its steps kept aborts and asks on until it throws.
   */
  readonly signal: AbortSignal;
  /**
   * Nobody pauses the run to look at the model: a step may then be sent before the one before it is told, so that the device
   * never waits for whoever listens. What is told and kept is the same; a run that is aborted ends up to a step later.
   */
  readonly isAhead?: boolean;
  /** How far a long piece of work is. */
  readonly onProgress?: (what: string, done: number, of: number) => void;
}

/**
 * Yields each event once it is kept, and works only while the next one is asked for: not to ask is a pause, which no clock
 * counts. Whoever stops asking for good (`return`) leaves a run that goes on from its last checkpoint.
 * @throws whatever the signal was aborted with; ConfigError, TaskError, WeightError, LimitError.
 */
export async function* runExperiment(options: RunOptions): AsyncGenerator<RunEvent> {
  const { model, prepared, keeper, isFlat = false, isAhead = false, signal, onProgress = () => {} } = options;
  const methods = prepared.experiment.tuning?.methods ?? [];
  const known = await keptEvents(keeper);
  const endOf = (isIt: (event: RunEvent) => boolean): number | undefined =>
    known.findLast(({ event }) => isIt(event))?.end;
  const hasBefore = endOf((event) => event.kind === 'faithfulness' && event.when === 'before');
  const isDone = new Set(known.flatMap(({ event }) => (event.kind === 'done' ? [event.method] : [])));
  // Whatever was told after the last point that can be gone on from did not happen.
  let keep = Math.max(hasBefore ?? 0, endOf((event) => event.kind === 'done') ?? 0);
  const next = methods.find((method) => !isDone.has(method));
  if (hasBefore !== undefined && next !== undefined)
    keep = (await latestCheckpoint(keeper, next, prepared.nodes))?.events ?? keep;
  const log = await EventLog.openAt(keeper, keep);

  const clock = new Clock(known.findLast(({ end }) => end <= keep)?.event.t);
  const run: Running = { model, prepared, keeper, log, clock, isAhead, signal, onProgress };
  const told = async function* (from: AsyncGenerator<Fact>): AsyncGenerator<RunEvent> {
    for await (const fact of from) {
      const event: RunEvent = { t: Math.round(1000 * clock.seconds) / 1000, ...fact };
      await log.append(event);
      clock.stop();
      yield event;
      clock.start();
    }
  };
  if (hasBefore === undefined) yield* told(before(run));
  for (const method of methods) {
    signal.throwIfAborted();
    if (!isDone.has(method)) yield* told(runMethod(run, method, isFlat && methods.length === 1));
  }
}
