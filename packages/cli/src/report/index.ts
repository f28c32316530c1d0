/** report.html of a run: one file that needs no network, now or in ten years. */
import { join } from 'node:path';
import script from '@circuit-tuning/web/draw/report?page';
import { setSvg } from '@circuit-tuning/web/draw/static';
import { writeFile } from '../files.js';
import { reportHtml } from './html.js';
import { readRun } from './readRun.js';

export interface ReportOptions {
  /** Where it goes. Default: `report.html` in the run folder. */
  readonly file?: string;
  /** What the run is called where its experiment has no name. Default: as its folder. */
  readonly name?: string;
}

/**
 * Writes `report.html` into a run folder, over the one that was there, and returns its path. A run that did not tune, or
 * that was interrupted, gives a report of what there is, which says what is missing.
 * @throws ConfigError where the folder is no run, or cannot be written.
 */
export async function writeReport(runDir: string, { file, name }: ReportOptions = {}): Promise<string> {
  const run = await readRun(runDir, name);
  const { circuits, circuitTitles } = run.story;
  const picture = circuits && setSvg(circuits, 0, { top: 200, title: circuitTitles[circuits.circuits[0]!.key] });
  const path = file ?? join(runDir, 'report.html');
  await writeFile(path, reportHtml(run, script, picture));
  return path;
}
