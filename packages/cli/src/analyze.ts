/** `circuit-tuning analyze <run>`: learning dynamics of a run that is over, or of one that was cut off. */
import { basename, dirname, join } from 'node:path';
import { ablations, ANALYSIS, ConfigError, show, type Ablation, type Analysis } from '@circuit-tuning/core';
import {
  concentrationTable,
  driftTable,
  flipTable,
  headTable,
  nodeMovementTable,
  sliceMovementTable,
  stayTable,
  trendTable,
  turnoverTable,
  upstreamTable,
  verdictTable,
  type Table,
} from '@circuit-tuning/web/draw/static';
import { Option, type Command } from 'commander';
import { analyzeRun } from './analysis/analyzeRun.js';
import type { Steps } from './analysis/headsAt.js';
import { printedTable } from './analysis/print.js';
import { tableFormats, writeTables, type TableFormat } from './analysis/tableFiles.js';
import { printJson, shown } from './conduct.js';
import { openFile, writeFile } from './files.js';
import { addMemory, type MemoryFlag } from './memoryBudget.js';
import { addProfile, profilerOf, tellProfile, withProfile, type ProfileFlag } from './profile.js';
import { createProgress } from './progress.js';
import { writeReport } from './report/index.js';
import { filesOfRun, openRunPlace } from './runPlace.js';
import { count, real } from './values.js';

interface AnalyzeFlags extends ProfileFlag, MemoryFlag {
  readonly out?: string;
  readonly tables?: TableFormat;
  readonly checkpoints?: Steps;
  readonly upstream?: readonly string[];
  readonly ablation: Ablation;
  readonly limit?: number;
  readonly batchSize?: number;
  readonly level: number;
  readonly rankUpTo: number;
  readonly json?: true;
}

export function addAnalyze(program: Command): void {
  const command = program
    .command('analyze')
    .argument('<run>', 'folder of a run, or a zip that the lab saved')
    .description('how circuits and parameters of a run changed: writes analysis.json, and its part of the report')
    .option('--out <file>', 'where (analysis.json in the folder, <name>.analysis.json beside a zip)')
    .addOption(new Option('--tables <format>', 'write each table beside it too').choices(tableFormats))
    .option(
      '--checkpoints <steps>',
      "put the models of these steps (as in 0,20,100, or 'all') on a device and read what their heads do",
      stepsOf,
    )
    .option(
      '--upstream <heads>',
      'of --checkpoints: ablate each part before these heads (as in a2.h6,a2.h2), and read what that does to them',
      headsIn,
    )
    .addOption(
      new Option('--ablation <kind>', 'of --upstream: what takes the place of a part')
        .choices(ablations)
        .default('mean'),
    )
    .option('--limit <n>', 'of --checkpoints: the first examples of the held-out task only', count('--limit', 1))
    .option(
      '--batch-size <n>',
      'of --checkpoints: examples at once (as many as the run measured with)',
      count('--batch-size', 1),
    )
    .option('--level <share>', 'of false ones among edges called strengthened or weakened', real('--level'), 0.05)
    .option(
      '--rank-up-to <n>',
      'effective ranks of slices whose smaller side is at most n',
      count('--rank-up-to', 0),
      256,
    )
    .option('--json', 'print analysis.json');
  addMemory(addProfile(command)).action(async (path: string, flags: AnalyzeFlags, command: Command) => {
    const { level, rankUpTo, checkpoints, upstream, ablation, limit, batchSize, memory } = flags;
    const profiler = profilerOf(flags);
    if (!(level > 0 && level < 1))
      throw new ConfigError({ where: '--level', rule: 'must lie between 0 and 1', got: level, cure: 'As in 0.05' });
    requireEffects(flags, (flag) => command.getOptionValueSource(flag) === 'cli');
    const run = await openRunPlace(path);
    const progress = createProgress();
    try {
      const analysis = await analyzeRun(filesOfRun(run, path), {
        level,
        rankUpTo,
        ...(checkpoints && {
          heads: {
            steps: checkpoints,
            limit,
            batchSize,
            memory,
            profiler,
            upstream: upstream && { heads: upstream, ablation },
          },
        }),
        onProgress: progress.update,
      });
      progress.stop();
      const place = flags.out ?? (run.isZip ? join(dirname(path), `${run.name}.${ANALYSIS}`) : join(path, ANALYSIS));
      await writeFile(place, `${JSON.stringify(analysis)}\n`);
      if (flags.tables)
        await writeTables(
          join(dirname(place), basename(place).replace(/\.json$/i, '')),
          Object.fromEntries(Object.entries(tables).map(([name, make]) => [name, make(analysis)])),
          flags.tables,
        );
      if (flags.out === undefined && !run.isZip && (await openFile(join(path, 'report.html')))) await writeReport(path);
      if (flags.json) printJson(withProfile(analysis, profiler));
      else print(analysis, place);
      await tellProfile(profiler, { isJson: flags.json === true });
    } finally {
      progress.stop();
      await run.remove();
    }
  });
}

const tables: Readonly<Record<string, (analysis: Analysis) => Table>> = {
  turnover: turnoverTable,
  concentration: concentrationTable,
  drift: driftTable,
  trends: trendTable,
  edges: (analysis) => stayTable(analysis, 'edges'),
  nodes: (analysis) => stayTable(analysis, 'nodes'),
  'moved-nodes': nodeMovementTable,
  'moved-slices': sliceMovementTable,
  heads: headTable,
  flips: flipTable,
  upstream: upstreamTable,
};

/** @throws ConfigError for a flag that nothing would come of. */
function requireEffects(flags: AnalyzeFlags, isGiven: (flag: string) => boolean): void {
  const require = (has: boolean, other: string, names: readonly (keyof AnalyzeFlags)[]): void => {
    const idle = has ? undefined : names.find(isGiven);
    if (idle === undefined) return;
    const got = flags[idle];
    throw new ConfigError({
      where: `--${idle.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      rule: `takes effect only with ${other}`,
      got:
        idle === 'profile' ? 'a command that runs nothing on a device' : Array.isArray(got) ? got.join() : String(got),
      cure: 'Leave it out',
    });
  };
  require(flags.checkpoints !== undefined, '--checkpoints', ['profile', 'upstream', 'limit', 'batchSize', 'memory']);
  require(flags.upstream !== undefined, '--upstream', ['ablation']);
}

function headsIn(value: string): readonly string[] {
  const heads = value.split(',');
  if (heads.every((head) => /^a\d+\.h\d+$/.test(head))) return heads;
  throw new ConfigError({
    where: '--upstream',
    rule: 'must be heads with commas between them',
    got: show(value),
    cure: 'As in a2.h6,a2.h2',
  });
}

function stepsOf(value: string): Steps {
  if (value === 'all') return value;
  const steps = value.split(',').map(Number);
  if (value.trim() !== '' && steps.every((step) => Number.isSafeInteger(step) && step >= 0)) return steps;
  throw new ConfigError({
    where: '--checkpoints',
    rule: "must be steps with commas between them, or 'all'",
    got: JSON.stringify(value),
    cure: 'As in 0,20,100; 0 is the base model',
  });
}

/** Rows of each method, the most that a screen has room for; the file has all. */
const SHOWN = 8;

function print(analysis: Analysis, place: string): void {
  const parts = [
    turnoverTable(analysis),
    concentrationTable(analysis),
    driftTable(analysis),
    verdictTable(analysis),
    trendTable(analysis, SHOWN),
    nodeMovementTable(analysis, SHOWN),
    flipTable(analysis, SHOWN),
    upstreamTable(analysis, SHOWN),
  ].map(printedTable);
  const notes = analysis.notes.map((note) => `note: ${note}\n`).join('');
  process.stdout.write([...parts, notes, `All of it is in ${shown(place)}.\n`].filter(Boolean).join('\n'));
}
