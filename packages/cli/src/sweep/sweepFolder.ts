/**
 * The folder of a sweep: `sweep.yaml`, a run folder for each try of a rate below `rates/` and for each cell below `cells/`,
 * and what was gathered of them. A run is finished when its manifest says so, or when its loss did not stay finite, which
 * `diverged.json` tells; nothing else needs to be remembered to go on after a kill.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, outcomeOf, type CellOutcome, type Manifest, type RunEvent } from '@circuit-tuning/core';
import { writeFile } from '../files.js';
import { requireNew } from '../runFolder.js';

export type CellState =
  | { readonly is: 'missing' | 'begun' }
  /** Without an outcome its loss did not stay finite. */
  | { readonly is: 'finished'; readonly outcome?: CellOutcome };

export class SweepFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** @throws ConfigError where a new one is not new, or one that is to go on is of another sweep. */
  static async open(path: string, text: string, isResumed: boolean): Promise<SweepFolder> {
    const file = join(path, 'sweep.yaml');
    if (!isResumed) {
      await requireNew(path, 'Give another folder, remove this one, or go on with --resume');
      await mkdir(path, { recursive: true });
      await writeFile(file, text);
      return new SweepFolder(path);
    }
    const kept = await readFile(file, 'utf8').catch(() => undefined);
    if (kept !== text)
      throw new ConfigError({
        where: `${path}: --resume`,
        rule: 'must go on with the sweep that was started here',
        got: kept === undefined ? 'no sweep.yaml' : 'another one',
        cure: 'Give the same file and settings, or start a new sweep in another folder',
      });
    return new SweepFolder(path);
  }

  at(...names: string[]): string {
    return join(this.path, ...names);
  }

  /** How far the run of that name is. */
  async state(name: string): Promise<CellState> {
    const folder = this.at(name);
    if (existsSync(join(folder, 'diverged.json'))) return { is: 'finished' };
    const manifest = await json<Manifest>(join(folder, 'manifest.json'));
    if (manifest?.status === 'done') {
      const outcome = outcomeOf(await eventsIn(folder));
      if (outcome) return { is: 'finished', outcome };
    }
    // killed before the experiment was written: there is nothing to go on with
    return { is: existsSync(join(folder, 'experiment.yaml')) ? 'begun' : 'missing' };
  }

  async tellDiverged(name: string, message: string): Promise<void> {
    await writeFile(this.at(name, 'diverged.json'), `${JSON.stringify({ message }, null, 2)}\n`);
  }

  /** What a finished run keeps that nobody will ask for again: to go on from, most of its bytes. */
  async dropCheckpoints(name: string): Promise<void> {
    await rm(this.at(name, 'checkpoints'), { recursive: true, force: true });
  }

  /** A folder that a kill left without an experiment. */
  async clear(name: string): Promise<void> {
    if ((await readdir(this.at(name)).catch(() => [])).length > 0) await rm(this.at(name), { recursive: true });
  }
}

async function eventsIn(folder: string): Promise<RunEvent[]> {
  const text = await readFile(join(folder, 'events.jsonl'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as RunEvent);
}

const json = async <T>(path: string): Promise<T | undefined> => {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as T);
};
