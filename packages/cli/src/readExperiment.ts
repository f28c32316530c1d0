/** Experiments from a file or from flags; their paths become absolute. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { checkExperiment as check, readExperiment as read, type Experiment, type Naming } from '@circuit-tuning/core';
import { refused } from './files.js';

/**
 * Reads a file and puts `key.key=value` settings over it. Paths in the file are relative to it, those in a setting to the
 * working directory.
 * @throws ConfigError naming the file, the key and the cure.
 */
export async function readExperiment(file: string, settings: readonly string[] = []): Promise<Experiment> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => refused(error, file));
  return read(text, {
    name: file,
    settings,
    resolve: (path) => resolve(dirname(file), path),
    resolveSetting: (path) => resolve(path),
  });
}

/** The same for an object that commands make from their flags. */
export const checkExperiment = (raw: unknown, nameOf: Naming): Experiment =>
  check(raw, nameOf, (path) => resolve(path));
