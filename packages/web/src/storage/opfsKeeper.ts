/** A run in the browser's own storage, see core's `Keeper`. For workers: pages have no handles that write in place. */
import { ConfigError, type Keeper, type Sha256 } from '@circuit-tuning/core';
import { folderFor, isOurs, namesIn, removeFolder, wholeFolder, writeWhole } from './folders.js';
import { handleSource, inFile, orMissing, type OpenFile } from './handles.js';
import { inRoom } from './room.js';
import { fillFile, writeFile } from './wholeFile.js';

/** Every write throws LimitError where the storage is full, saying what could be removed. */
export function opfsKeeper(root: FileSystemDirectoryHandle, name: string, sha256: Sha256): Keeper {
  const partsOf = (path: string): { folders: string[]; last: string } => {
    const folders = path.split('/');
    if (folders.some((part) => part === '' || part === '.' || part === '..' || isOurs(part)))
      throw new ConfigError({
        where: name,
        rule: 'must be given paths of names and slashes, that lead nowhere else',
        got: JSON.stringify(path),
        cure: 'Give the file another name',
      });
    return { last: folders.pop()!, folders };
  };
  const existing = async (folders: readonly string[]): Promise<FileSystemDirectoryHandle | undefined> => {
    let folder: FileSystemDirectoryHandle | undefined = root;
    for (const part of folders) folder = folder && (await wholeFolder(folder, part));
    return folder;
  };
  const made = async (folders: readonly string[]): Promise<FileSystemDirectoryHandle> => {
    let folder = root;
    for (const part of folders) folder = await folderFor(folder, part);
    return folder;
  };
  const inPlace = (path: string, act: (file: OpenFile) => void): Promise<void> =>
    inRoom(name, async () => {
      const { folders, last } = partsOf(path);
      await inFile(await made(folders), last, act);
    });
  return {
    name,
    sha256,
    async open(path) {
      const { folders, last } = partsOf(path);
      const folder = await existing(folders);
      const file = folder && (await orMissing(folder.getFileHandle(last)));
      return file && handleSource(file, `${name}/${path}`);
    },
    write: (files) =>
      inRoom(name, async () => {
        for (const file of files) {
          const { folders, last } = partsOf(file.name);
          await writeFile(await made(folders), last, file);
        }
      }),
    writeFolder: (path, files) =>
      inRoom(name, async () => {
        const { folders, last } = partsOf(path);
        await writeWhole(await made(folders), last, async (folder) => {
          for (const file of files) await fillFile(folder, file.name, file);
        });
      }),
    async list(path) {
      const folder = path === '' ? root : await existing(path.split('/'));
      return folder ? namesIn(folder) : [];
    },
    async removeFolder(path) {
      const { folders, last } = partsOf(path);
      const parent = await existing(folders);
      if (parent) await removeFolder(parent, last);
    },
    append: (path, bytes) => inPlace(path, (file) => file.append(bytes)),
    truncate: (path, size) => inPlace(path, (file) => file.truncate(size)),
  };
}
