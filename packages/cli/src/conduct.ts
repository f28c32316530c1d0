/** Runs an experiment in front of a person: progress, Ctrl-C that saves, the report, and the tables at the end. */
import { relative } from 'node:path';
import { keptEvents, type Experiment, type Prepared, type Profiler } from '@circuit-tuning/core';
import { curveTable } from './circuitTests.js';
import { interruptible, Interrupted } from './interrupt.js';
import { requireExperimentBudget } from './memoryBudget.js';
import { prepare } from './prepare.js';
import { createProgress } from './progress.js';
import { writeReport } from './report/index.js';
import { RunFolder, requireNew } from './runFolder.js';
import { runInFolder } from './runInFolder.js';
import { faithfulnessTable, gradedTable, methodsTable, prejudiceTable, summarise, type Summary } from './summary.js';
import { number, percent } from './table.js';

export interface ConductOptions {
  readonly out: string;
  readonly isResumed: boolean;
  readonly isFlat?: boolean;
  /** What a key of the experiment is called in errors. */
  readonly nameOf?: (path: readonly string[]) => string;
  readonly profiler?: Profiler | undefined;
  /** `--memory`: the most that it may take of the device. */
  readonly memory?: string | undefined;
}

/** Warnings of one kind come in hundreds. */
const WARNINGS = 3;

export async function conduct(experiment: Experiment, options: ConductOptions): Promise<Summary> {
  const { out, isResumed, isFlat = false, nameOf, profiler } = options;
  if (!isResumed) await requireNew(out, 'Give another folder, remove this one, or go on with --resume');
  const asked = await prepare(experiment, nameOf);
  const prepared = await requireExperimentBudget(options, asked, {
    where: experiment.name,
    nameOf: (...path) => nameOf?.(path) ?? path.at(-1)!,
  });
  const progress = createProgress();
  tellWarnings(prepared, progress.say);
  try {
    await interruptible(progress.say, async (signal) => {
      let note = '';
      let stays = '';
      const onProgress = (what: string, done: number, of: number): void => progress.update(what, done, of, note);
      const events = runInFolder(prepared, {
        out,
        argv: process.argv.slice(2),
        isResumed,
        isFlat,
        isAhead: true,
        signal,
        onProgress,
        profiler,
        onNotice: (notice) => progress.say(`warning: ${notice}`),
      });
      for await (const event of events) {
        if (event.kind === 'step') note = `loss ${number(event.loss)}${stays}`;
        else if (event.kind === 'search')
          stays = event.step === 0 ? '' : ` · ${percent(event.jaccard_first)} of the first circuit`;
        else if (event.kind === 'done') note = stays = '';
      }
    });
  } catch (error) {
    progress.stop();
    if (error instanceof Interrupted) progress.say(`saved in ${shown(out)}: the same command with --resume goes on`);
    throw error;
  } finally {
    progress.stop();
  }
  // The numbers are safe by now: a page that cannot be drawn must not look like a run that failed.
  await writeReport(out).catch((error: unknown) => {
    progress.say(
      `warning: report.html could not be written: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
  return summaryOf(out, prepared);
}

/** From the file, so that what an earlier run told is in it too. */
async function summaryOf(out: string, prepared: Prepared): Promise<Summary> {
  const kept = await keptEvents(await RunFolder.resume(out, prepared));
  return summarise(
    kept.map(({ event }) => event),
    prepared.metric,
  );
}

export function tellWarnings({ warnings }: Pick<Prepared, 'warnings'>, say: (line: string) => void): void {
  for (const warning of warnings.slice(0, WARNINGS)) say(`warning: ${warning}`);
  if (warnings.length > WARNINGS) say(`warning: ${warnings.length - WARNINGS} more like these`);
}

/** The path as it is typed from here, where that is shorter. */
export const shown = (path: string): string => {
  const from = relative('.', path);
  return from === '' ? '.' : from.startsWith('..') ? path : from;
};

/** The tables of a run. */
export function printSummary(summary: Summary, out: string): void {
  const parts: string[] = [];
  if (summary.faithfulness.length > 0) parts.push(faithfulnessTable(summary.faithfulness, summary.metric));
  if (summary.curve) parts.push(curveTable(summary.curve));
  if (summary.methods.length > 0) parts.push(methodsTable(summary));
  const risks = prejudiceTable(summary);
  if (risks) parts.push(risks);
  if (summary.graded.length > 0) parts.push(gradedTable(summary.graded));
  parts.push(`Everything is in ${shown(out)}; look at ${shown(`${out}/report.html`)} in a browser.\n`);
  process.stdout.write(`${parts.join('\n')}`);
}

export const printJson = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
