/** Downloads a hub model into the browser's storage, in ranges: what lies there is where the next download goes on. */
import type { HubFacts, KnownModel } from '../engine/protocol.js';
import type { BrowserStorage } from './browserStorage.js';
import type { HubModel, HubOptions } from './hub.js';

export interface DownloadOptions extends HubOptions {
  /** Bytes. */
  readonly onProgress?: (done: number, of: number) => void;
}

/** What the page is told before it downloads; without storage nothing is here, and nothing can be kept. */
export async function hubFacts(model: HubModel, storage?: BrowserStorage): Promise<HubFacts> {
  throw new Error(`not here yet: ${model.id} ${storage?.models.name}`);
}

/**
 * Afterwards `models(storage).open(model.id)` opens it.
 * @throws LimitError before anything is written where it does not fit; FileError; ConfigError where another tab is at it.
 */
export async function download(
  model: HubModel,
  storage: BrowserStorage,
  options: DownloadOptions,
): Promise<KnownModel> {
  throw new Error(`not here yet: ${model.id} ${storage.models.name} ${options.hub}`);
}
