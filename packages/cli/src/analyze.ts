/** `circuit-tuning analyze <run>`: learning dynamics of a run that is over, or of one that was cut off. */
import { basename, dirname, join } from 'node:path';
import { ANALYSIS, ConfigError, type Analysis } from '@circuit-tuning/core';
import {
  concentrationTable,
  driftTable,
  nodeMovementTable,
  sliceMovementTable,
  stayTable,
  trendTable,
  turnoverTable,
  verdictTable,
  type Table,
} from '@circuit-tuning/web/draw/static';
import type { Command } from 'commander';
import { analyzeRun } from './analysis/analyzeRun.js';
import { csv, printedTable } from './analysis/print.js';
import { printJson, shown } from './conduct.js';
import { openFile, writeFile } from './files.js';
import { createProgress } from './progress.js';
import { writeReport } from './report/index.js';
import { filesOfRun, openRunPlace } from './runPlace.js';
import { count, real } from './values.js';

interface AnalyzeFlags {
  readonly out?: string;
  readonly csv?: true;
  readonly level: number;
  readonly rankUpTo: number;
  readonly json?: true;
}

export function addAnalyze(program: Command): void {
  program
    .command('analyze')
    .argument('<run>', 'folder of a run, or a zip that the lab saved')
    .description('how circuits and parameters of a run changed: writes analysis.json, and its part of the report')
    .option('--out <file>', 'where (analysis.json in the folder, <name>.analysis.json beside a zip)')
    .option('--csv', 'write each table beside it too, as CSV')
    .option('--level <share>', 'of false ones among edges called strengthened or weakened', real('--level'), 0.05)
    .option(
      '--rank-up-to <n>',
      'effective ranks of slices whose smaller side is at most n',
      count('--rank-up-to', 0),
      256,
    )
    .option('--json', 'print analysis.json')
    .action(async (path: string, flags: AnalyzeFlags) => {
      const { level, rankUpTo } = flags;
      if (!(level > 0 && level < 1))
        throw new ConfigError({ where: '--level', rule: 'must lie between 0 and 1', got: level, cure: 'As in 0.05' });
      const run = await openRunPlace(path);
      const progress = createProgress();
      try {
        const analysis = await analyzeRun(filesOfRun(run, path), { level, rankUpTo, onProgress: progress.update });
        progress.stop();
        const place = flags.out ?? (run.isZip ? join(dirname(path), `${run.name}.${ANALYSIS}`) : join(path, ANALYSIS));
        await writeFile(place, `${JSON.stringify(analysis)}\n`);
        if (flags.csv) await writeTables(place, analysis);
        if (flags.out === undefined && !run.isZip && (await openFile(join(path, 'report.html'))))
          await writeReport(path);
        if (flags.json) printJson(analysis);
        else print(analysis, place);
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
};

/** `analysis.turnover.csv` and its like; a table without rows is its head. */
async function writeTables(place: string, analysis: Analysis): Promise<void> {
  const start = join(dirname(place), basename(place).replace(/\.json$/i, ''));
  for (const [name, make] of Object.entries(tables)) await writeFile(`${start}.${name}.csv`, csv(make(analysis)));
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
  ].map(printedTable);
  const notes = analysis.notes.map((note) => `note: ${note}\n`).join('');
  process.stdout.write([...parts, notes, `All of it is in ${shown(place)}.\n`].filter(Boolean).join('\n'));
}
