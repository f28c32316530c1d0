/** Files that are written whole or not at all, and small notes beside them. */
import { textFile, type OutputFile } from '@circuit-tuning/core';
import type * as z from 'zod';
import { ownName } from './folders.js';
import { inFile, moveFile, orMissing, removeAll } from './handles.js';

/** What is copied at a time. */
const CHUNK = 16 * 2 ** 20;

/** A picked file, or any other, as one to write. */
export const blobFile = (name: string, blob: Blob): OutputFile => ({
  name,
  async *chunks() {
    for (let at = 0; at < blob.size; at += CHUNK) yield new Uint8Array(await blob.slice(at, at + CHUNK).arrayBuffer());
  },
});

/** Where a crash leaves half of it to be seen: for folders that are not there before they are whole. */
export async function fillFile(folder: FileSystemDirectoryHandle, name: string, { chunks }: OutputFile): Promise<void> {
  await inFile(folder, name, async (file) => {
    file.truncate(0);
    for await (const chunk of chunks()) file.append(chunk);
  });
}

/** In place of the one that was there. */
export async function writeFile(folder: FileSystemDirectoryHandle, name: string, file: OutputFile): Promise<void> {
  // under its own name it would be there, and empty, from the first moment on
  const fresh = ownName(`new~${name}`);
  try {
    await fillFile(folder, fresh, file);
  } catch (error) {
    await removeAll(folder, fresh);
    throw error;
  }
  await moveFile(folder, fresh, name);
}

const NOTE = ownName('about.json');

/** What is noted about a folder, hidden from those who read it; undefined where nothing is, or something else. */
export async function readNote<T>(folder: FileSystemDirectoryHandle, schema: z.ZodType<T>): Promise<T | undefined> {
  const file = await orMissing(folder.getFileHandle(NOTE));
  if (!file) return undefined;
  try {
    return schema.safeParse(JSON.parse(await (await file.getFile()).text())).data;
  } catch {
    return undefined;
  }
}

export const writeNote = (folder: FileSystemDirectoryHandle, note: object): Promise<void> =>
  writeFile(folder, NOTE, textFile(NOTE, JSON.stringify(note)));
