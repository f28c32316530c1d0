/** What this tab keeps: runs and models in the browser's storage, or in memory where it gives none. */
import { browserStorage, models, runs, type BrowserStorage, type Models, type Runs } from '../storage/index.js';
import { memoryRuns } from './memoryRuns.js';

export interface Kept {
  readonly storage?: BrowserStorage;
  readonly runs: Runs;
  /** Absent without storage: models are then read from where they lie. */
  readonly models?: Models;
}

export async function openKept(): Promise<Kept> {
  const storage = await browserStorage();
  return storage ? { storage, runs: runs(storage), models: models(storage) } : { runs: memoryRuns() };
}
