/** The folder of a run: manifest, experiment, events, and where everything else goes. */
import { appendFile, mkdir, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { join, resolve } from 'node:path';
import {
  ConfigError,
  experimentText,
  readExperiment,
  type Experiment,
  type Keeper,
  type OutputFile,
  type Prepared,
  type Source,
} from '@circuit-tuning/core';
import { parse } from 'yaml';
import { openFile, refused, sha256, writeFile, writeFiles, writeFolder } from './files.js';

/**
 * Makes sure that a new folder can be written before hours of work: it must be missing or empty.
 * @throws ConfigError
 */
export async function requireNew(path: string, cure = 'Give another folder, or remove this one'): Promise<void> {
  const present = await readdir(path).catch((error: unknown) =>
    (error as { code?: unknown }).code === 'ENOENT' ? undefined : refused(error, path),
  );
  if (present && present.length > 0) {
    const got = `one that holds ${present.slice(0, 3).join(', ')}${present.length > 3 ? ', ...' : ''}`;
    throw new ConfigError({ where: path, rule: 'must be a new or an empty folder', got, cure });
  }
  const probe = join(path, `.probe-${process.pid}`);
  try {
    const made = await mkdir(path, { recursive: true });
    await appendFile(probe, 'x');
    await rm(probe);
    // Whatever is wrong with the experiment leaves nothing behind.
    if (made !== undefined) await rm(made, { recursive: true });
  } catch (error) {
    refused(error, path);
  }
}

export class RunFolder implements Keeper {
  readonly name: string;
  readonly sha256 = sha256;

  private constructor(path: string) {
    this.name = resolve(path);
  }

  /** An empty run, with the experiment in it. */
  static async create(path: string, { experiment }: Prepared): Promise<RunFolder> {
    const folder = new RunFolder(path);
    await writeFile(folder.#at('experiment.yaml'), experimentText(experiment));
    return folder;
  }

  /**
   * A run that was interrupted, here or in a page. Paths in it may be relative to its folder, as pages write them. A model
   * may lie elsewhere than it did: whether it is the same, its hashes say.
   * @throws ConfigError where the folder holds none, or one of another experiment.
   */
  static async resume(path: string, { experiment }: Prepared): Promise<RunFolder> {
    const folder = new RunFolder(path);
    const text = await readFile(folder.#at('experiment.yaml'), 'utf8').catch(() => undefined);
    const where = `${path}: --resume`;
    if (text === undefined)
      throw new ConfigError({
        where,
        rule: 'must be the folder of a run',
        got: 'no experiment.yaml',
        cure: 'Start it without --resume',
      });
    const kept = readExperiment(text, {
      name: folder.#at('experiment.yaml'),
      resolve: (it) => resolve(folder.name, it),
    });
    if (!isDeepStrictEqual(asked(kept), asked(experiment)))
      throw new ConfigError({
        where,
        rule: 'must go on with the experiment that the run was started with',
        got: 'another one',
        cure: `Give ${folder.#at('experiment.yaml')}, or start a new run in another folder`,
      });
    return folder;
  }

  #at(path: string): string {
    return join(this.name, path);
  }

  async open(path: string): Promise<Source | undefined> {
    return openFile(this.#at(path));
  }

  async write(files: readonly OutputFile[]): Promise<void> {
    await writeFiles(this.name, files);
  }

  async writeFolder(path: string, files: readonly OutputFile[]): Promise<void> {
    await writeFolder(this.#at(path), files, { replace: true });
  }

  async list(path: string): Promise<string[]> {
    return readdir(this.#at(path)).catch(() => []);
  }

  async removeFolder(path: string): Promise<void> {
    await rm(this.#at(path), { recursive: true });
  }

  async append(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await appendFile(this.#at(path), bytes).catch((error: unknown) => refused(error, this.name));
  }

  async truncate(path: string, size: number): Promise<void> {
    // a file that is not there yet, in a folder that may not be either
    await mkdir(this.name, { recursive: true });
    await appendFile(this.#at(path), '');
    await truncate(this.#at(path), size);
  }
}

/** As a file would say it: no keys that are there and undefined. */
const asked = (experiment: Experiment): unknown =>
  parse(experimentText({ ...experiment, model: '', output_dir: undefined }));
