/** `circuit-tuning report <run>`: the report of a run that has none, as one that the lab saved or that broke off. */
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { shown } from './conduct.js';
import { openInBrowser } from './openInBrowser.js';
import { writeReport } from './report/index.js';
import { openRunPlace } from './runPlace.js';

interface ReportFlags {
  readonly out?: string;
  readonly open?: true;
}

export function addReport(program: Command): void {
  program
    .command('report')
    .argument('<run>', 'folder of a run, or a zip that the lab saved')
    .description('write the report of a run: one HTML file that needs no network')
    .option('--out <file>', 'where (report.html in the folder, <name>.report.html beside a zip)')
    .option('--open', 'open it in the browser of this machine')
    .action(async (path: string, { out, open }: ReportFlags) => {
      const run = await openRunPlace(path);
      try {
        const place = out ?? (run.isZip ? join(dirname(path), `${run.name}.report.html`) : join(path, 'report.html'));
        await writeReport(run.folder, { file: place, name: run.name });
        process.stdout.write(`The report is ${shown(place)}\n`);
        if (open) await openInBrowser(pathToFileURL(resolve(place)).href);
      } finally {
        await run.remove();
      }
    });
}
