/** A whole run on this machine: opens the model, keeps the run folder up to date, and goes on where an earlier one stopped. */
import { resolve } from 'node:path';
import {
  adapterNotice,
  keptManifest,
  requireSameFiles,
  resumedManifest,
  runExperiment,
  withManifest,
  type Prepared,
  type Profiler,
  type RunEvent,
  type RunOptions,
} from '@circuit-tuning/core';
import { manifestHere } from './manifest.js';
import { openNodeModel, type NodeModel } from './nodeModel.js';
import { RunFolder } from './runFolder.js';

export interface RunInFolderOptions extends Pick<RunOptions, 'isFlat' | 'isAhead' | 'signal' | 'onProgress'> {
  readonly out: string;
  readonly argv: readonly string[];
  readonly isResumed?: boolean;
  /** What the reader should know before it begins. */
  readonly onNotice?: (notice: string) => void;
  readonly profiler?: Profiler | undefined;
  /** A device that holds the model, whatever its parameters were tuned to; it stays open. One is opened unless given. */
  readonly opened?: NodeModel;
}

/** Yields each event once it is written down. */
export async function* runInFolder(prepared: Prepared, options: RunInFolderOptions): AsyncGenerator<RunEvent> {
  const { out, argv, isResumed = false, onNotice, profiler, opened: given, ...how } = options;
  const folder = await (isResumed ? RunFolder.resume(out, prepared) : undefined);
  const onProgress = (done: number, of: number): void => how.onProgress?.('loading the model', done, of);
  await given?.model.writeAll(prepared.base.weights);
  const { precision, dtype } = prepared.experiment;
  const opened = given ?? (await openNodeModel(prepared.base, { onProgress, profiler, precision, dtype }));
  try {
    const fresh = await manifestHere(prepared, opened.info, argv);
    const old = await (folder && keptManifest(folder));
    if (old) {
      // a run that a page kept names its files relative to itself
      requireSameFiles(old, fresh, { where: `${out}: --resume`, resolve: (path) => resolve(out, path) });
      const notice = adapterNotice(old, fresh);
      if (notice !== undefined) onNotice?.(notice);
    }
    const keeper = folder ?? (await RunFolder.create(out, prepared));
    const events = runExperiment({ model: opened.model, prepared, keeper, ...how });
    const manifest = old ? resumedManifest(old, fresh) : fresh;
    yield* withManifest(events, { keeper, manifest, signal: how.signal });
  } finally {
    if (!given) opened.dispose();
  }
}
