/**
 * Files of the browser's storage, written in place. `FileSystemSyncAccessHandle` exists in workers only
 * (https://fs.spec.whatwg.org/#api-filesystemsyncaccesshandle), and `move`, which all engines have for this storage, is not in
 * the standard's text yet (https://github.com/whatwg/fs/pull/180): TypeScript's DOM types know neither.
 */
import type { Source } from '@circuit-tuning/core';

interface SyncAccessHandle {
  getSize(): number;
  read(buffer: Uint8Array<ArrayBuffer>, options: { at: number }): number;
  write(buffer: Uint8Array<ArrayBuffer>, options: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}

interface WorkerFileHandle extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<SyncAccessHandle>;
  move(folder: FileSystemDirectoryHandle, name: string): Promise<void>;
}

/** A file that is open for writing: nobody else can write it until it is closed. */
export interface OpenFile {
  readonly size: number;
  /** At the end of the file: all of it, or nothing. */
  append(bytes: Uint8Array<ArrayBuffer>): void;
  truncate(size: number): void;
}

/** Opens a file, which begins to exist where there was none, and closes it whatever happens. */
export async function inFile<T>(
  folder: FileSystemDirectoryHandle,
  name: string,
  act: (file: OpenFile) => T | Promise<T>,
): Promise<T> {
  const file = (await folder.getFileHandle(name, { create: true })) as WorkerFileHandle;
  const handle = await file.createSyncAccessHandle();
  try {
    const result = await act({
      get size() {
        return handle.getSize();
      },
      append(bytes) {
        const size = handle.getSize();
        try {
          // a full disk may also take a part, and say so by the number of bytes only
          if (handle.write(bytes, { at: size }) === bytes.byteLength) return;
          throw new DOMException(`${name} could not be written to its end`, 'QuotaExceededError');
        } catch (error) {
          handle.truncate(size);
          throw error;
        }
      },
      truncate: (to) => handle.truncate(to),
    });
    handle.flush();
    return result;
  } finally {
    handle.close();
  }
}

/** A kept file. The browser forbids reading a snapshot of one that has changed since, so each read takes a new one. */
export async function handleSource(handle: FileSystemFileHandle, name: string): Promise<Source> {
  const { size } = await handle.getFile();
  return {
    name,
    size,
    async read(offset, length) {
      const end = Math.min(offset + length, size);
      return new Uint8Array(await (await handle.getFile()).slice(offset, end).arrayBuffer());
    },
  };
}

/** Over a file of that name, if there is one, in one go. */
export async function moveFile(folder: FileSystemDirectoryHandle, from: string, to: string): Promise<void> {
  await ((await folder.getFileHandle(from)) as WorkerFileHandle).move(folder, to);
}

/** Undefined where there is nothing of that name, or a folder where a file was asked for. */
export async function orMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof DOMException && (error.name === 'NotFoundError' || error.name === 'TypeMismatchError'))
      return undefined;
    throw error;
  }
}

export const removeAll = async (folder: FileSystemDirectoryHandle, name: string): Promise<void> =>
  orMissing(folder.removeEntry(name, { recursive: true }));

/** Bytes of all files below a folder, whole or not. */
export async function bytesBelow(folder: FileSystemDirectoryHandle): Promise<number> {
  const sizes: Promise<number>[] = [];
  for await (const entry of folder.values())
    sizes.push(
      entry.kind === 'directory'
        ? bytesBelow(entry as FileSystemDirectoryHandle)
        : (entry as FileSystemFileHandle).getFile().then(({ size }) => size),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
