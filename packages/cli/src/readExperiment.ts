/** Experiments from a file or from flags; their paths become absolute. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import {
  checkExperiment as check,
  readExperiment as read,
  readSweep,
  type Experiment,
  type Naming,
  type ReadOptions,
  type SweepPlan,
} from '@circuit-tuning/core';
import { refused } from './files.js';

/**
 * Reads a file and puts `key.key=value` settings over it. Paths in the file are relative to it, those in a setting to the
 * working directory.
 * @throws ConfigError naming the file, the key and the cure.
 */
export async function readExperiment(file: string, settings: readonly string[] = []): Promise<Experiment> {
  return read(await textOf(file), optionsOf(file, settings));
}

export interface SweepFiles {
  readonly settings?: readonly string[];
  /** File with the keys of a `sweep` section, in place of the experiment's own. */
  readonly section?: string | undefined;
}

/** The same for an experiment with a `sweep` section; undefined where it has none. */
export async function readSweepFile(
  file: string,
  { settings = [], section }: SweepFiles = {},
): Promise<SweepPlan | undefined> {
  const own = section === undefined ? undefined : { name: section, text: await textOf(section) };
  return readSweep(await textOf(file), { ...optionsOf(file, settings), ...(own && { section: own }) });
}

const textOf = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((error: unknown) => refused(error, file));

const optionsOf = (file: string, settings: readonly string[]): ReadOptions => ({
  name: file,
  settings,
  resolve: (path) => resolve(dirname(file), path),
  resolveSetting: (path) => resolve(path),
});

/** The same for an object that commands make from their flags. */
export const checkExperiment = (raw: unknown, nameOf: Naming): Experiment =>
  check(raw, nameOf, (path) => resolve(path));
