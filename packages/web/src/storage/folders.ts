/**
 * Folders that are there whole or not at all, in a file system that can move no folders. A folder is being written, or being
 * removed, as long as a mark lies beside it; what has a mark does not exist for those who read. A folder that takes the place
 * of another is written under a second name, which goes before the first: the old one holds until the new one is whole.
 */
import { orMissing, removeAll } from './handles.js';

/** What such names begin with is ours, and is shown to nobody. */
const OURS = '.~';
const markOf = (stored: string): string => `${OURS}unfinished~${stored}`;
const secondOf = (name: string): string => `${OURS}second~${name}`;

/** Chromium puts what is being written beside its file under such a name; one that crashes leaves it behind. */
export const isOurs = (name: string): boolean => name.startsWith(OURS) || name.endsWith('.crswap');

export const ownName = (name: string): string => `${OURS}${name}`;

interface Stored {
  /** What it lies under. */
  readonly stored: string;
  readonly folder: FileSystemDirectoryHandle;
}

async function find(parent: FileSystemDirectoryHandle, name: string): Promise<Stored | undefined> {
  for (const stored of [secondOf(name), name]) {
    const folder = await orMissing(parent.getDirectoryHandle(stored));
    if (folder && !(await isMarked(parent, stored))) return { stored, folder };
  }
  return undefined;
}

const isMarked = async (parent: FileSystemDirectoryHandle, stored: string): Promise<boolean> =>
  (await orMissing(parent.getFileHandle(markOf(stored)))) !== undefined;

const mark = (parent: FileSystemDirectoryHandle, stored: string): Promise<unknown> =>
  parent.getFileHandle(markOf(stored), { create: true });

const unmark = (parent: FileSystemDirectoryHandle, stored: string): Promise<void> => removeAll(parent, markOf(stored));

/** From the moment of the mark it is gone, also where a crash leaves some of it behind. */
async function drop(parent: FileSystemDirectoryHandle, stored: string): Promise<void> {
  // a full disk may refuse the mark, but is no reason to keep what is to go
  await mark(parent, stored).catch(() => {});
  await removeAll(parent, stored);
  await unmark(parent, stored);
}

/** Undefined where there is none, or half of one. */
export const wholeFolder = async (
  parent: FileSystemDirectoryHandle,
  name: string,
): Promise<FileSystemDirectoryHandle | undefined> => (await find(parent, name))?.folder;

/** The whole one, else a new one: halves go. */
export async function folderFor(parent: FileSystemDirectoryHandle, name: string): Promise<FileSystemDirectoryHandle> {
  const whole = await wholeFolder(parent, name);
  if (whole) return whole;
  if (await isMarked(parent, name)) await drop(parent, name);
  return parent.getDirectoryHandle(name, { create: true });
}

/** In place of what it held. Where `fill` fails, or the tab is closed meanwhile, what was there before is still there. */
export async function writeWhole(
  parent: FileSystemDirectoryHandle,
  name: string,
  fill: (folder: FileSystemDirectoryHandle) => Promise<void>,
): Promise<void> {
  const old = await find(parent, name);
  const stored = old?.stored === name ? secondOf(name) : name;
  await mark(parent, stored);
  await removeAll(parent, stored);
  try {
    await fill(await parent.getDirectoryHandle(stored, { create: true }));
  } catch (error) {
    await drop(parent, stored);
    throw error;
  }
  await unmark(parent, stored);
  if (old) await drop(parent, old.stored);
}

export async function removeFolder(parent: FileSystemDirectoryHandle, name: string): Promise<void> {
  // the first before the second, which goes before it: else one that was replaced would come back
  await drop(parent, name);
  await drop(parent, secondOf(name));
}

/**
 * A folder that is filled over several visits, and exists for nobody else until it is finished.
 * A whole one is taken up again, and is unfinished from then on.
 */
export async function unfinishedFolder(
  parent: FileSystemDirectoryHandle,
  name: string,
): Promise<{ folder: FileSystemDirectoryHandle; finish(): Promise<void> }> {
  const { stored } = (await find(parent, name)) ?? { stored: name };
  await mark(parent, stored);
  const folder = await parent.getDirectoryHandle(stored, { create: true });
  return { folder, finish: () => unmark(parent, stored) };
}

/** The same to look at: undefined where nothing was begun. */
export const begunFolder = async (
  parent: FileSystemDirectoryHandle,
  name: string,
): Promise<FileSystemDirectoryHandle | undefined> =>
  (await wholeFolder(parent, name)) ?? (await orMissing(parent.getDirectoryHandle(name)));

/** Removes what crashes left: halves of folders, but those that `isWanted`. */
export async function sweep(
  parent: FileSystemDirectoryHandle,
  isWanted: (name: string, half: FileSystemDirectoryHandle | undefined) => boolean | Promise<boolean>,
): Promise<void> {
  const marks: string[] = [];
  for await (const name of parent.keys()) if (name.startsWith(markOf(''))) marks.push(name.slice(markOf('').length));
  for (const stored of marks) {
    const half = await orMissing(parent.getDirectoryHandle(stored));
    if (!(await isWanted(stored.replace(secondOf(''), ''), half))) await drop(parent, stored);
  }
}

/** Names of files and whole folders. */
export async function namesIn(folder: FileSystemDirectoryHandle): Promise<string[]> {
  const stored = new Set<string>();
  for await (const name of folder.keys()) stored.add(name);
  const whole = [...stored].filter((name) => !stored.has(markOf(name)));
  const second = secondOf('');
  const names = whole.flatMap((name) =>
    name.startsWith(second) ? [name.slice(second.length)] : isOurs(name) ? [] : [name],
  );
  return [...new Set(names)];
}
