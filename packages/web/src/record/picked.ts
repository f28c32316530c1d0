/** What a person picked or dropped, as files with paths. */
import type { PathFile } from './files.js';

/** Of `<input type="file" webkitdirectory>`, or of single files. */
export const pickedFiles = (files: Iterable<File>): PathFile[] =>
  [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));

/**
 * What was dropped, folders with all that is in them. Must be called before the event is over: afterwards the browser has
 * forgotten what was dropped.
 */
export async function droppedFiles(items: DataTransferItemList): Promise<PathFile[]> {
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  return (await Promise.all(entries.map(filesOf))).flat();
}

async function filesOf(entry: FileSystemEntry): Promise<PathFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ''), file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const inside: FileSystemEntry[] = [];
  // browsers give at most a hundred at a time, and none at the end
  for (;;) {
    const more = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (more.length === 0) break;
    inside.push(...more);
  }
  return (await Promise.all(inside.map(filesOf))).flat();
}
