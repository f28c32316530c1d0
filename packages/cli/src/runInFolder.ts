/** A whole run on this machine: opens the model, keeps the run folder up to date, and goes on where an earlier one stopped. */
import { runExperiment, type Prepared, type RunEvent, type RunOptions } from '@circuit-tuning/core';
import { openNodeModel } from './nodeModel.js';
import { newManifest, requireSameFiles, type Manifest } from './manifest.js';
import { RunFolder } from './runFolder.js';

export interface RunInFolderOptions extends Pick<RunOptions, 'isFlat' | 'signal' | 'onProgress'> {
  readonly out: string;
  readonly argv: readonly string[];
  readonly isResumed?: boolean;
}

/** Yields each event once it is written down. */
export async function* runInFolder(prepared: Prepared, options: RunInFolderOptions): AsyncGenerator<RunEvent> {
  const { out, argv, isResumed = false, ...how } = options;
  const folder = await (isResumed ? RunFolder.resume(out, prepared) : undefined);
  const opened = await openNodeModel(prepared.base, (done, of) => how.onProgress?.('loading the model', done, of));
  try {
    const fresh = await newManifest(prepared, opened.info, argv);
    let manifest: Manifest = fresh;
    const old = await folder?.manifest();
    if (old) {
      requireSameFiles(old, fresh, out);
      manifest = { ...fresh, started: old.started, resumed: [...old.resumed, fresh.started] };
    }
    const keeper = folder ?? (await RunFolder.create(out, prepared));
    await keeper.writeManifest(manifest);
    const ended = (status: Manifest['status']): Promise<void> =>
      keeper.writeManifest({ ...manifest, status, ended: new Date().toISOString() });
    try {
      yield* runExperiment({ model: opened.model, prepared, keeper, ...how });
      await ended('done');
    } catch (error) {
      await ended(how.signal.aborted ? 'interrupted' : 'failed');
      throw error;
    }
  } finally {
    opened.dispose();
  }
}
