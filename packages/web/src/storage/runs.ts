/** The runs that a browser keeps, each in a folder of its own that looks like one the CLI writes. */
import type { Keeper } from '@circuit-tuning/core';
import type { KeptRun } from '../engine/protocol.js';
import type { RunFiles } from '../record/files.js';
import type { BrowserStorage } from './browserStorage.js';

export interface NewRun {
  /** Of the experiment: letters, digits, dots and dashes. */
  readonly name: string;
  /** YAML that goes into experiment.yaml as it is. */
  readonly experiment: string;
  /** Methods in the order in which they run; empty where nothing is tuned. */
  readonly methods: readonly string[];
  /** Steps of each. */
  readonly steps: number;
  /** Name of the kept model it needs to go on; absent where the embedded one is used. */
  readonly model?: string;
  /** Files of the reader that the experiment names, under the very paths it names them by (`./x` is `x`). */
  readonly files: readonly { readonly path: string; readonly file: Blob }[];
}

/** A run that this tab alone may write, until it closes it. */
export interface OwnRun {
  readonly id: string;
  readonly asked: Omit<NewRun, 'files'>;
  readonly keeper: Keeper;
  /** Kept beside the run, so that a list can say how it came out. A run that never says is `interrupted`. */
  ended(how: 'done' | 'failed' | 'interrupted'): Promise<void>;
  /** Lets other tabs have it. */
  close(): void;
}

export interface Runs {
  /** Newest first. */
  list(): Promise<readonly KeptRun[]>;
  /** @throws LimitError where the storage is full; ConfigError where a file's path cannot lie in a run. */
  create(run: NewRun): Promise<OwnRun>;
  /** @throws ConfigError where there is no such run, or another tab has it. */
  open(id: string): Promise<OwnRun>;
  /** To read only, e.g. for `zipRun`, whoever runs it. */
  files(id: string): Promise<RunFiles>;
  /** @throws ConfigError where it is running. */
  remove(id: string): Promise<void>;
}

export function runs(storage: BrowserStorage): Runs {
  throw new Error(`not here yet: ${storage.runs.name}`);
}
