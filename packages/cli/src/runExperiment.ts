/** A whole run: opens the model, keeps the run folder up to date, and goes on where an earlier one stopped. */
import type { RunEvent } from './events.js';
import { openLab } from './lab.js';
import { newManifest, requireSameFiles, type Manifest } from './manifest.js';
import type { Prepared } from './prepare.js';
import { RunFolder } from './runFolder.js';
import { latestCheckpoint } from './checkpoint.js';
import { runMethod } from './runMethod.js';
import { before, type Running } from './runner.js';

export interface RunOptions {
  readonly out: string;
  readonly argv: readonly string[];
  readonly isResumed?: boolean;
  /** `model` and `delta` of the only method lie directly in the folder. */
  readonly isFlat?: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: Running['onProgress'];
}

/** Yields each event once it is written down. */
export async function* runExperiment(prepared: Prepared, options: RunOptions): AsyncGenerator<RunEvent> {
  const { out, isResumed = false, isFlat = false, signal, onProgress = () => {} } = options;
  const methods = prepared.experiment.tuning?.methods ?? [];
  const folder = await (isResumed ? RunFolder.open(out, prepared) : undefined);
  const lab = await openLab(prepared.base, (done, of) => onProgress('loading the model', done, of));
  try {
    const fresh = await newManifest(prepared, lab.info, options.argv);
    let manifest: Manifest = fresh;
    const old = await folder?.manifest();
    if (old) {
      requireSameFiles(old, fresh, out);
      manifest = { ...fresh, started: old.started, resumed: [...old.resumed, fresh.started] };
    }
    const place = folder ?? (await RunFolder.create(out, prepared));
    await place.writeManifest(manifest);
    const run: Running = { lab, prepared, folder: place, signal, onProgress };
    const ended = (status: Manifest['status']): Promise<void> =>
      place.writeManifest({ ...manifest, status, ended: new Date().toISOString() });
    try {
      yield* facts(run, isFlat && methods.length === 1);
      await ended('done');
    } catch (error) {
      await ended(signal.aborted ? 'interrupted' : 'failed');
      throw error;
    }
  } finally {
    lab.dispose();
  }
}

async function* facts(run: Running, isFlat: boolean): AsyncGenerator<RunEvent> {
  const { folder, prepared } = run;
  const methods = prepared.experiment.tuning?.methods ?? [];
  const known = await folder.events();
  const endOf = (isIt: (event: RunEvent) => boolean): number | undefined =>
    known.findLast(({ event }) => isIt(event))?.end;
  const hasBefore = endOf((event) => event.kind === 'faithfulness' && event.when === 'before');
  const isDone = new Set(known.flatMap(({ event }) => (event.kind === 'done' ? [event.method] : [])));
  // Whatever was told after the last point that can be gone on from did not happen.
  let keep = Math.max(hasBefore ?? 0, endOf((event) => event.kind === 'done') ?? 0);
  const next = methods.find((method) => !isDone.has(method));
  if (hasBefore !== undefined && next !== undefined)
    keep = (await latestCheckpoint(folder.at('checkpoints', next), prepared.nodes))?.events ?? keep;
  await folder.forgetAfter(keep);

  const started = performance.now() - 1000 * (known.findLast(({ end }) => end <= keep)?.event.t ?? 0);
  const told = async function* (from: ReturnType<typeof before>): AsyncGenerator<RunEvent> {
    for await (const fact of from) {
      const t = Math.round(performance.now() - started) / 1000;
      const event: RunEvent = { t, ...fact };
      await folder.append(event);
      yield event;
    }
  };
  if (hasBefore === undefined) yield* told(before(run));
  for (const method of methods) {
    run.signal.throwIfAborted();
    if (!isDone.has(method)) yield* told(runMethod(run, method, isFlat));
  }
}
