/** The folder of a run: manifest, experiment, events, and where everything else goes. */
import { appendFile, mkdir, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { join, resolve } from 'node:path';
import { ConfigError } from '@circuit-tuning/core';
import { parse } from 'yaml';
import { experimentText } from './effects.js';
import type { RunEvent } from './events.js';
import { refused, writeFile } from './files.js';
import type { Manifest } from './manifest.js';
import type { Prepared } from './prepare.js';

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

export class RunFolder {
  readonly path: string;
  #size = 0;

  private constructor(path: string) {
    this.path = resolve(path);
  }

  /** An empty run, with the experiment in it. */
  static async create(path: string, { experiment }: Prepared): Promise<RunFolder> {
    const folder = new RunFolder(path);
    await writeFile(folder.at('experiment.yaml'), experimentText(experiment));
    await writeFile(folder.at('events.jsonl'), '');
    return folder;
  }

  /**
   * A run that was interrupted.
   * @throws ConfigError where the folder holds none, or one of another experiment.
   */
  static async open(path: string, { experiment }: Prepared): Promise<RunFolder> {
    const folder = new RunFolder(path);
    const text = await readFile(folder.at('experiment.yaml'), 'utf8').catch(() => undefined);
    const where = `${path}: --resume`;
    if (text === undefined)
      throw new ConfigError({
        where,
        rule: 'must be the folder of a run',
        got: 'no experiment.yaml',
        cure: 'Start it without --resume',
      });
    if (!isDeepStrictEqual(withoutPlace(parse(text)), withoutPlace(parse(experimentText(experiment)))))
      throw new ConfigError({
        where,
        rule: 'must go on with the experiment that the run was started with',
        got: 'another one',
        cure: `Give ${folder.at('experiment.yaml')}, or start a new run in another folder`,
      });
    return folder;
  }

  at(...parts: string[]): string {
    return join(this.path, ...parts);
  }

  /** Bytes of events.jsonl so far: what a checkpoint remembers, to forget what came after it. */
  get size(): number {
    return this.#size;
  }

  async append(event: RunEvent): Promise<void> {
    const line = `${JSON.stringify(event)}\n`;
    await appendFile(this.at('events.jsonl'), line).catch((error: unknown) => refused(error, this.path));
    this.#size += Buffer.byteLength(line);
  }

  /** Events with the place where each ends; a last line that was cut off is none. */
  async events(): Promise<{ event: RunEvent; end: number }[]> {
    const text = await readFile(this.at('events.jsonl'), 'utf8').catch(() => '');
    let end = 0;
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => {
        end += Buffer.byteLength(line) + 1;
        return { event: JSON.parse(line) as RunEvent, end };
      });
  }

  async forgetAfter(size: number): Promise<void> {
    await mkdir(this.path, { recursive: true });
    await truncate(this.at('events.jsonl'), size);
    this.#size = size;
  }

  /** Absent where a run ended before it began. */
  async manifest(): Promise<Manifest | undefined> {
    const text = await readFile(this.at('manifest.json'), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as Manifest);
  }

  async writeManifest(manifest: Manifest): Promise<void> {
    await writeFile(this.at('manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  }
}

const withoutPlace = (experiment: unknown): unknown => ({ ...(experiment as object), output_dir: undefined });
