/** What every part of a run is handed. */
import type { DeviceModel } from '../model/deviceModel.js';
import type { Clock } from './clock.js';
import type { EventLog } from './eventLog.js';
import type { Keeper } from './keeper.js';
import type { Prepared } from './prepared.js';

export interface Working {
  readonly model: DeviceModel;
  readonly prepared: Prepared;
  readonly keeper: Keeper;
  readonly signal: Pick<AbortSignal, 'aborted' | 'throwIfAborted'>;
  /** How far a long piece of work is; throws where it shall stop. */
  readonly onProgress: (what: string, done: number, of: number) => void;
}

export interface Running extends Working {
  readonly log: EventLog;
  readonly clock: Clock;
  /** Steps may be sent before the ones before them are told. */
  readonly isAhead: boolean;
}

/** Reports progress of work that can be thrown away. */
export const abandonable =
  ({ signal, onProgress }: Working, what: string) =>
  (done: number, of: number): void => {
    signal.throwIfAborted();
    onProgress(what, done, of);
  };
