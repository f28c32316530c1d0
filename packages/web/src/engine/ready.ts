/** What must be right before a run is played: it fits the device, is kept, and is made of what it was made of. */
import { adapterNotice, keptManifest, requireSameFiles, resumedManifest } from '@circuit-tuning/core';
import type { BrowserGpu } from '../gpu.js';
import type { OwnRun, Runs } from '../storage/index.js';
import { plainPath, type Opened } from './experimentFiles.js';
import { checkedFacts } from './facts.js';
import type { LiveRunOptions } from './liveRun.js';
import { manifestHere } from './manifest.js';
import { requireRoom } from './memoryFacts.js';
import type { CheckedFacts } from './protocol.js';

/** A run that can be played. */
export type Ready = Pick<LiveRunOptions, 'own' | 'prepared' | 'gpu' | 'manifest' | 'placed'>;

/** A run that is kept from now on. The data that it read is kept with it, so that it can go on when the files are gone. */
export async function newRun(
  runs: Runs,
  opened: Opened,
  gpu: BrowserGpu,
  signal: AbortSignal,
): Promise<{ ready: Ready; facts: CheckedFacts }> {
  const { prepared, texts } = opened;
  await requireRoom(prepared, gpu);
  const manifest = await manifestHere(opened, gpu);
  signal.throwIfAborted();
  const facts = checkedFacts(prepared);
  const { name, experiment, methods, steps } = facts;
  const { model } = prepared.experiment;
  const own = await runs.create({
    name,
    experiment,
    methods,
    steps,
    ...(model !== 'embedded' && { model }),
    files: [...texts].map(([path, text]) => ({ path, file: new Blob([text]) })),
  });
  return { ready: { own, prepared, gpu, manifest }, facts };
}

/**
 * A run that goes on; what its reader should know of that is among the warnings.
 * @throws ConfigError where a file is no longer what the run was started with.
 */
export async function oldRun(
  own: OwnRun,
  opened: Opened,
  gpu: BrowserGpu,
): Promise<{ ready: Ready; facts: CheckedFacts }> {
  const { prepared } = opened;
  await requireRoom(prepared, gpu);
  const fresh = await manifestHere(opened, gpu);
  const facts = checkedFacts(prepared);
  const old = await keptManifest(own.keeper);
  if (!old) return { ready: { own, prepared, gpu, manifest: fresh }, facts };
  requireSameFiles(old, fresh, { where: own.id, resolve: plainPath });
  const notice = adapterNotice(old, fresh);
  const warnings = notice === undefined ? facts.warnings : [...facts.warnings, notice];
  return { ready: { own, prepared, gpu, manifest: resumedManifest(old, fresh) }, facts: { ...facts, warnings } };
}
