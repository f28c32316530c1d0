/** Downloads a hub model into the browser's storage, in ranges: what lies there is where the next download goes on. */
import type { HubFacts, KnownModel } from '../engine/protocol.js';
import type { BrowserStorage } from './browserStorage.js';
import { begunFolder, namesIn, unfinishedFolder, wholeFolder } from './folders.js';
import { orMissing, removeAll } from './handles.js';
import type { HubFile, HubModel } from './hub.js';
import { folderNameOf, knownModel, lockModel, modelNote, type ModelNote } from './models.js';
import { fetchFile, type FetchFileOptions } from './fetchFile.js';
import { freeBytes, inRoom, requireRoom } from './room.js';
import { writeNote } from './wholeFile.js';

export interface DownloadOptions extends Omit<FetchFileOptions, 'onProgress'> {
  /** Bytes. */
  readonly onProgress?: (done: number, of: number) => void;
}

/** What the page is told before it downloads; without storage nothing is here, and nothing can be kept. */
export async function hubFacts({ id, files, bytes }: HubModel, storage?: BrowserStorage): Promise<HubFacts> {
  const facts = { id, files: files.map(({ name, bytes }) => ({ name, bytes })), bytes };
  if (!storage) return { ...facts, here: 0 };
  const folder = await begunFolder(storage.models, folderNameOf(id));
  const free = await freeBytes();
  return { ...facts, here: folder ? await bytesHere(folder, files) : 0, ...(free !== undefined && { free }) };
}

/**
 * Afterwards `models(storage).open(model.id)` opens it. Where it stops it goes on, but for files that have changed since.
 * @throws LimitError before anything is written where it does not fit; FileError; ConfigError where another tab is at it.
 */
export async function download(
  model: HubModel,
  storage: BrowserStorage,
  { onProgress, ...options }: DownloadOptions,
): Promise<KnownModel> {
  const { id, files, bytes } = model;
  const stored = folderNameOf(id);
  const note: ModelNote = { from: 'hub', files: files.map(({ name, bytes, version }) => ({ name, bytes, version })) };
  const letGo = await lockModel(id);
  try {
    const whole = await wholeFolder(storage.models, stored);
    if (whole && (await bytesHere(whole, files)) === bytes) return knownModel(id, note);
    const begun = whole ?? (await begunFolder(storage.models, stored));
    await requireRoom(id, bytes - (begun ? await bytesHere(begun, files) : 0));
    const { folder, finish } = await unfinishedFolder(storage.models, stored);
    await inRoom(id, async () => {
      await keepOnly(folder, files);
      await writeNote(folder, note);
      let before = 0;
      for (const file of files) {
        const told = (here: number): void => onProgress?.(before + here, bytes);
        await fetchFile(model, file, folder, { ...options, onProgress: told });
        before += file.bytes;
      }
      await finish();
    });
    return knownModel(id, note);
  } finally {
    letGo();
  }
}

/** Of what is wanted; a file that has changed on the hub since is not here. */
async function bytesHere(folder: FileSystemDirectoryHandle, wanted: readonly HubFile[]): Promise<number> {
  const known = await versionsIn(folder);
  const sizes = wanted.map(async ({ name, bytes, version }) => {
    if (known.get(name) !== version) return 0;
    const file = await orMissing(folder.getFileHandle(name));
    return file ? Math.min((await file.getFile()).size, bytes) : 0;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

const versionsIn = async (folder: FileSystemDirectoryHandle): Promise<Map<string, string | undefined>> =>
  new Map((await modelNote(folder))?.files.map(({ name, version }) => [name, version]));

async function keepOnly(folder: FileSystemDirectoryHandle, wanted: readonly HubFile[]): Promise<void> {
  const known = await versionsIn(folder);
  const isCurrent = (name: string): boolean =>
    wanted.some((file) => file.name === name && file.version === known.get(name));
  for (const name of await namesIn(folder)) if (!isCurrent(name)) await removeAll(folder, name);
}
