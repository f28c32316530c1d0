/** Runs a sweep in front of a person: progress, Ctrl-C that can be gone on from, the table at the end. */
import type { SweepPlan } from '@circuit-tuning/core';
import { shown } from '../conduct.js';
import { interruptible, Interrupted } from '../interrupt.js';
import { createProgress } from '../progress.js';
import { runSweep } from './runSweep.js';
import { SweepFolder } from './sweepFolder.js';

export async function conductSweep(
  plan: SweepPlan,
  { out, isResumed }: { readonly out: string; readonly isResumed: boolean },
): Promise<void> {
  const folder = await SweepFolder.open(out, plan.text, isResumed);
  const progress = createProgress();
  try {
    await interruptible(progress.say, (signal) =>
      runSweep(plan, {
        folder,
        argv: process.argv.slice(2),
        signal,
        say: progress.say,
        onProgress: (what, done, of) => progress.update(what, done, of),
      }),
    );
  } catch (error) {
    progress.stop();
    if (error instanceof Interrupted) progress.say(`saved in ${shown(out)}: the same command with --resume goes on`);
    throw error;
  } finally {
    progress.stop();
  }
}
