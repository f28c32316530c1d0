/**
 * Where a run is kept: a folder on a disk, or the memory of a page. Paths are relative to it, with slashes. Only what the
 * runtime must do is here; what lies where is written by the run itself, so that a run looks the same wherever it is kept.
 */
import type { Sha256 } from '../io/delta.js';
import { bytesOfFile, type OutputFile } from '../io/hfExport.js';
import { memorySource, type Source } from '../io/source.js';

export interface Keeper {
  /** How errors call the place, usually its path. */
  readonly name: string;
  readonly sha256: Sha256;
  /** Undefined where there is no such file. */
  open(path: string): Promise<Source | undefined>;
  /** Writes each file whole or not at all, over the one that was there. */
  write(files: readonly OutputFile[]): Promise<void>;
  /** Writes a folder whole or not at all, in place of what it held. */
  writeFolder(path: string, files: readonly OutputFile[]): Promise<void>;
  /** Names in a folder, in any order; none where there is no such folder. '' is the run itself. */
  list(path: string): Promise<readonly string[]>;
  removeFolder(path: string): Promise<void>;
  /** Adds to a file, which begins to exist where there was none. */
  append(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Cuts a file to that many bytes; one that is missing becomes an empty one. */
  truncate(path: string, size: number): Promise<void>;
}

/** A text that a run kept; undefined where there is none. */
export async function keptText(keeper: Pick<Keeper, 'open'>, path: string): Promise<string | undefined> {
  const source = await keeper.open(path);
  return source && new TextDecoder().decode(await source.read(0, source.size));
}

/** A run in memory, for pages and tests; `files` are its files by path. */
export function memoryKeeper(sha256: Sha256): Keeper & { readonly files: Map<string, Uint8Array<ArrayBuffer>> } {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const start = (folder: string): string => (folder === '' ? '' : `${folder}/`);
  const inside = (folder: string): string[] => [...files.keys()].filter((path) => path.startsWith(start(folder)));
  const resized = (path: string, size: number): Uint8Array<ArrayBuffer> => {
    const old = files.get(path) ?? new Uint8Array();
    const bytes = new Uint8Array(size);
    bytes.set(old.subarray(0, size));
    files.set(path, bytes);
    return bytes;
  };
  return {
    name: 'memory',
    sha256,
    files,
    async open(path) {
      const bytes = files.get(path);
      return bytes && memorySource(path, bytes);
    },
    async write(added) {
      for (const file of added) files.set(file.name, await bytesOfFile(file));
    },
    async writeFolder(path, added) {
      const contents = await Promise.all(added.map(async (file) => [file.name, await bytesOfFile(file)] as const));
      for (const old of inside(path)) files.delete(old);
      for (const [name, bytes] of contents) files.set(`${path}/${name}`, bytes);
    },
    async list(path) {
      return [...new Set(inside(path).map((file) => file.slice(start(path).length).split('/')[0]!))];
    },
    async removeFolder(path) {
      for (const old of inside(path)) files.delete(old);
    },
    async append(path, bytes) {
      const size = files.get(path)?.byteLength ?? 0;
      resized(path, size + bytes.byteLength).set(bytes, size);
    },
    async truncate(path, size) {
      resized(path, size);
    },
  };
}
