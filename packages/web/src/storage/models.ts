/** Models that a browser keeps, in Hugging Face layout: dropped ones, and those that were downloaded. */
import type { Folder } from '@circuit-tuning/core';
import type { KnownModel } from '../engine/protocol.js';
import type { BrowserStorage } from './browserStorage.js';

export interface AddOptions {
  readonly signal?: AbortSignal;
  /** Bytes. */
  readonly onProgress?: (done: number, of: number) => void;
}

export interface Models {
  /** Whole ones, by name. */
  list(): Promise<readonly KnownModel[]>;
  /** Undefined where there is no whole model of that name. */
  open(name: string): Promise<Folder | undefined>;
  /**
   * Copies the files that a model is made of, in place of one of the same name, and leaves others out.
   * @throws LimitError before anything is written where it does not fit; ConfigError or WeightError where it is no model.
   */
  add(name: string, files: Iterable<File>, options?: AddOptions): Promise<KnownModel>;
  remove(name: string): Promise<void>;
}

export function models(storage: BrowserStorage): Models {
  throw new Error(`not here yet: ${storage.models.name}`);
}
