/** The files of a run wherever it lies, for a page and for its worker. */
import { blobSource, urlFolder } from '../files.js';
import { runAmong, type PathFile, type RunFiles } from './files.js';
import { unzipRun } from './unzip.js';

/** What was picked or dropped, one zip, or a folder of the page's own server. All of it can be sent to a worker. */
export type RunPlace =
  | { readonly files: readonly PathFile[] }
  | { readonly zip: Blob; readonly name: string }
  | { readonly address: string };

/** @throws ConfigError where there is no run, or more than one. */
export async function filesAt(place: RunPlace): Promise<RunFiles> {
  if ('address' in place) return runAt(place.address);
  if ('zip' in place) return unzipRun(place.zip, place.name);
  const byPath = new Map(place.files.map(({ path, file }) => [path, file]));
  const name = place.files[0]?.path.split('/')[0] ?? 'what was opened';
  return runAmong(name, [...byPath.keys()], (path) => blobSource(byPath.get(path)!, path));
}

/** `circuit-tuning lab` lists its folders as JSON; of another server nothing is known but what events name. */
const runAt = (address: string): RunFiles => ({
  name: address,
  async list(path) {
    const response = await fetch(address + (path === '' ? '' : `${path}/`), { headers: { Accept: LISTING } });
    const isList = response.ok && (response.headers.get('Content-Type')?.startsWith(LISTING) ?? false);
    return isList ? ((await response.json()) as string[]) : [];
  },
  open: (path) => {
    const cut = path.lastIndexOf('/') + 1;
    return urlFolder(address + path.slice(0, cut)).open(path.slice(cut));
  },
});
const LISTING = 'application/json';
