/** A run to look at: a run folder, or a zip that the lab saved, which is unpacked to where it is forgotten. */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { ConfigError, type Source } from '@circuit-tuning/core';
import { unzipRun, type RunFiles } from '@circuit-tuning/web/record';
import { fileSource, openFile, refused, writeFile } from './files.js';

export interface RunPlace {
  /** Of the folder or the zip, without its ending. */
  readonly name: string;
  readonly folder: string;
  readonly isZip: boolean;
  /** Removes what was unpacked. */
  remove(): Promise<void>;
}

/** @throws ConfigError where there is no run at `path`. */
export async function openRunPlace(path: string): Promise<RunPlace> {
  const found = await stat(path).catch((error: unknown) => refused(error, path));
  if (found.isDirectory()) {
    const present = await readdir(path);
    if (!['events.jsonl', 'experiment.yaml', 'circuits'].some((file) => present.includes(file)))
      throw new ConfigError({
        where: path,
        rule: 'must be the folder of a run, with its events.jsonl',
        got: present.length > 0 ? `one that holds ${present.slice(0, 3).join(', ')}` : 'an empty one',
        cure: 'Give the folder that `circuit-tuning run --out` wrote, or a zip that the lab saved',
      });
    return { name: basename(resolve(path)), folder: resolve(path), isZip: false, remove: async () => undefined };
  }
  const files = await unzipRun(fileSource(path, found.size), path);
  const folder = await mkdtemp(join(tmpdir(), 'circuit-tuning-run-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    for await (const { path: inside, source } of filesBelow(files, ''))
      await writeFile(join(folder, inside), await source.read(0, source.size));
  } catch (error) {
    await remove();
    throw error;
  }
  return { name: basename(path).replace(/\.zip$/i, ''), folder, isZip: true, remove };
}

/** A run's files, as records read them, and where they lie on this machine. */
export interface FolderRun extends RunFiles {
  readonly folder: string;
}

/** @param name what errors call it: a zip by its own name, not where it was unpacked. */
export const filesOfRun = ({ folder, isZip }: RunPlace, name: string): FolderRun => ({
  name: isZip ? name : folder,
  folder,
  open: (path) => openFile(join(folder, path)),
  list: (path) => readdir(join(folder, path)).catch(() => []),
});

async function* filesBelow(files: RunFiles, folder: string): AsyncGenerator<{ path: string; source: Source }> {
  for (const name of await files.list(folder)) {
    const path = folder === '' ? name : `${folder}/${name}`;
    const source = await files.open(path);
    if (source) yield { path, source };
    else yield* filesBelow(files, path);
  }
}
