/** Models that a browser keeps, in Hugging Face layout: dropped ones, and those that were downloaded. */
import { ConfigError, openModel, type Folder, type OutputFile, besideWeights, INDEX } from '@circuit-tuning/core';
import * as z from 'zod';
import type { KnownModel } from '../engine/protocol.js';
import { pickedFolder } from '../files.js';
import type { BrowserStorage } from './browserStorage.js';
import { namesIn, removeFolder, sweep, wholeFolder, writeWhole } from './folders.js';
import { handleSource, orMissing } from './handles.js';
import { heldLocks, takeLock } from './locks.js';
import { inRoom, requireRoom } from './room.js';
import { blobFile, fillFile, readNote, writeNote } from './wholeFile.js';

export interface AddOptions {
  readonly signal?: AbortSignal;
  /** Bytes. */
  readonly onProgress?: (done: number, of: number) => void;
}

export interface Models {
  /** Whole ones, by name. */
  list(): Promise<readonly KnownModel[]>;
  /** Undefined where there is no whole model of that name. */
  open(name: string): Promise<Folder | undefined>;
  /**
   * Copies the files that a model is made of, in place of one of the same name, and leaves others out.
   * @throws LimitError before anything is written where it does not fit; ConfigError or WeightError where it is no model.
   */
  add(name: string, files: Iterable<File>, options?: AddOptions): Promise<KnownModel>;
  /** Also what was downloaded of one so far. */
  remove(name: string): Promise<void>;
}

const noteSchema = z.object({
  from: z.enum(['files', 'hub']),
  files: z.array(z.object({ name: z.string(), bytes: z.number(), version: z.string().optional() })),
});
export type ModelNote = z.output<typeof noteSchema>;

/** Names have slashes; a dot alone would be a folder of its own kind. */
export const folderNameOf = (name: string): string => encodeURIComponent(name).replace(/^\./, '%2E');

export const modelNote = (folder: FileSystemDirectoryHandle): Promise<ModelNote | undefined> =>
  readNote(folder, noteSchema);

export const knownModel = (name: string, { from, files }: ModelNote): KnownModel => ({
  name,
  from,
  bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
  isKept: true,
});

const lockOf = (name: string): string => `model ${name}`;

/** @throws ConfigError where another tab is at it. */
export async function lockModel(name: string): Promise<() => void> {
  const letGo = await takeLock(lockOf(name));
  if (letGo) return letGo;
  throw new ConfigError({
    where: name,
    rule: 'must be written by one tab at a time',
    got: 'another tab that is at it',
    cure: 'Wait until it is there, or close that tab',
  });
}

export function models(storage: BrowserStorage): Models {
  const parent = storage.models;
  return {
    async list() {
      const known = (await namesIn(parent)).map(async (stored): Promise<KnownModel[]> => {
        const folder = await wholeFolder(parent, stored);
        const note = folder && (await modelNote(folder));
        return note ? [knownModel(decodeURIComponent(stored), note)] : [];
      });
      return (await Promise.all(known)).flat().toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    async open(name) {
      const folder = await wholeFolder(parent, folderNameOf(name));
      if (!folder || !(await modelNote(folder))) return undefined;
      return {
        name,
        async open(file) {
          const handle = await orMissing(folder.getFileHandle(file));
          return handle && handleSource(handle, `${name}/${file}`);
        },
      };
    },
    async add(name, files, { signal, onProgress } = {}) {
      const byName = topmost(files);
      // whatever is wrong with it is said before anything is written
      const { weights } = await openModel(pickedFolder(byName.values(), name));
      const shards = weights.files.map(({ source }) => source.name);
      const index = byName.has('model.safetensors') ? [] : [INDEX];
      const chosen = [...besideWeights(byName.keys()), ...index, ...shards].map((file) => byName.get(file)!);
      const note: ModelNote = { from: 'files', files: chosen.map(({ name, size }) => ({ name, bytes: size })) };
      const known = knownModel(name, note);
      const letGo = await lockModel(name);
      try {
        const isHeld = await heldLocks();
        // what a crash left, but not what was downloaded so far
        await sweep(parent, async (stored, half) => {
          const isBegun = half !== undefined && (await modelNote(half)) !== undefined;
          return isBegun || isHeld(lockOf(decodeURIComponent(stored)));
        });
        await requireRoom(name, known.bytes);
        let done = 0;
        const counted = (file: File): OutputFile => ({
          name: file.name,
          async *chunks() {
            for await (const chunk of blobFile(file.name, file).chunks()) {
              signal?.throwIfAborted();
              yield chunk;
              onProgress?.((done += chunk.byteLength), known.bytes);
            }
          },
        });
        await inRoom(name, () =>
          writeWhole(parent, folderNameOf(name), async (folder) => {
            for (const file of chosen) await fillFile(folder, file.name, counted(file));
            await writeNote(folder, note);
          }),
        );
        return known;
      } finally {
        letGo();
      }
    },
    async remove(name) {
      const letGo = await lockModel(name);
      await removeFolder(parent, folderNameOf(name)).finally(letGo);
    },
  };
}

/** By name; of two of one name the one that lies less deep, as models often bring other formats in folders below. */
function topmost(files: Iterable<File>): Map<string, File> {
  const depth = ({ webkitRelativePath }: File): number => webkitRelativePath.split('/').length;
  const byName = new Map<string, File>();
  for (const file of files) {
    const other = byName.get(file.name);
    if (!other || depth(file) < depth(other)) byName.set(file.name, file);
  }
  return byName;
}
