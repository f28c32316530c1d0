/** A run as one file that the page saves and the CLI opens. */
import { LimitError } from '@circuit-tuning/core';
import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';
import type { RunFiles } from './files.js';

export interface ZipOptions {
  /** Checkpoints too, with which the run can go on: several times the size. Default: without. */
  readonly checkpoints?: boolean;
}

/** Sizes and places in a zip are 32 bits wide; the extension beyond is not written here. Some room is left for its lists. */
const MOST = 2 ** 32 - 2 ** 24;
/** What is read at a time, and what is handed to the browser at a time, which may keep it on disk. */
const [PIECE, PART] = [2 ** 22, 2 ** 26];

/**
 * Under one folder of the run's name, so that unpacking it spills nothing. Tensors lie in it as they are: they hardly get
 * smaller, and can be read from the middle of the file.
 * @throws LimitError beyond 4 GiB.
 */
export async function zipRun(files: RunFiles, { checkpoints = false }: ZipOptions = {}): Promise<Blob> {
  const parts: Blob[] = [];
  let pending: Uint8Array<ArrayBuffer>[] = [];
  let waiting = 0;
  let failure: Error | undefined;
  const collect = (): void => {
    parts.push(new Blob(pending));
    [pending, waiting] = [[], 0];
  };
  const zip = new Zip((error, bytes) => {
    failure ??= error ?? undefined;
    pending.push(bytes as Uint8Array<ArrayBuffer>);
    waiting += bytes.byteLength;
    if (waiting > PART) collect();
  });
  const paths: string[] = [];
  let total = 0;
  for await (const path of filesIn(files, '')) {
    if (!checkpoints && path.startsWith('checkpoints/')) continue;
    paths.push(path);
    total += (await files.open(path))!.size;
  }
  if (total > MOST) throw tooLong(files.name, total);
  const root = files.name.split(/[\\/]/).findLast((part) => part !== '') ?? 'run';
  for (const path of paths) {
    const source = (await files.open(path))!;
    const entry = new (path.endsWith('.safetensors') ? ZipPassThrough : ZipDeflate)(`${root}/${path}`);
    zip.add(entry);
    for (let at = 0; at < source.size; at += PIECE) entry.push(await source.read(at, PIECE));
    entry.push(new Uint8Array(), true);
    if (failure) throw failure;
  }
  zip.end();
  collect();
  return new Blob(parts, { type: 'application/zip' });
}

/** Paths of all files below a folder. */
async function* filesIn(files: RunFiles, folder: string): AsyncGenerator<string> {
  for (const name of (await files.list(folder)).toSorted()) {
    const path = folder === '' ? name : `${folder}/${name}`;
    const source = await files.open(path);
    if (source) yield path;
    else yield* filesIn(files, path);
  }
}

const tooLong = (where: string, total: number): LimitError =>
  new LimitError({
    where,
    rule: 'must fit into a zip file of 4 GiB',
    got: `${(total / 2 ** 30).toFixed(1)} GiB`,
    cure: 'Save it without its checkpoints, or train fewer methods at a time',
  });
