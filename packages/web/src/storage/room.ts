/** How much the browser lets a page keep: said before it is reached, and with what could go when it is. */
import { LimitError } from '@circuit-tuning/core';
import { browserStorage } from './browserStorage.js';
import { bytesBelow } from './handles.js';
import { isOurs } from './folders.js';

/** As people say sizes: 548 MB. */
export function inBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const value = bytes / 1000 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}

/**
 * Bytes that the browser still lets this page keep; undefined where it does not say. An upper bound: Chromium tells every
 * page of 10 GB or what the disk has left, whichever is less.
 */
export async function freeBytes(): Promise<number | undefined> {
  const { quota, usage } = await navigator.storage.estimate();
  return quota === undefined || usage === undefined ? undefined : Math.max(0, quota - usage);
}

/** @throws LimitError where that many bytes more do not fit. */
export async function requireRoom(where: string, bytes: number): Promise<void> {
  const free = await freeBytes();
  if (free !== undefined && bytes > free)
    throw await tooFull(where, `${inBytes(bytes)} where ${inBytes(free)} are left`);
}

/** Does what may fill the storage up. */
export async function inRoom<T>(where: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'QuotaExceededError') throw error;
    throw await tooFull(where, 'no room for more');
  }
}

async function tooFull(where: string, got: string): Promise<LimitError> {
  const largest = (await kept()).toSorted((a, b) => b.bytes - a.bytes).slice(0, 3);
  const what = largest.map(({ title, bytes }) => `${title} (${inBytes(bytes)})`).join(', ');
  return new LimitError({
    where,
    rule: 'must fit into what the browser lets this page keep',
    got,
    cure:
      largest.length > 0
        ? `Remove what you no longer need: ${what}`
        : 'Free space on the disk that the browser keeps its data on, or take a smaller model',
  });
}

async function kept(): Promise<{ title: string; bytes: number }[]> {
  const storage = await browserStorage();
  if (!storage) return [];
  const found: Promise<{ title: string; bytes: number }>[] = [];
  for (const [kind, parent] of [
    ['model', storage.models],
    ['run', storage.runs],
  ] as const)
    for await (const folder of parent.values())
      if (folder.kind === 'directory' && !isOurs(folder.name))
        found.push(
          bytesBelow(folder as FileSystemDirectoryHandle).then((bytes) => ({
            title: `${kind} ${decodeURIComponent(folder.name)}`,
            bytes,
          })),
        );
  return Promise.all(found);
}
