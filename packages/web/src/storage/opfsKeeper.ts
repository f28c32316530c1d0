/** A run in the browser's own storage, see core's `Keeper`. In workers only: pages have no handles that write in place. */
import type { Keeper, Sha256 } from '@circuit-tuning/core';

/** @throws LimitError where the storage is full, saying what could be removed. */
export function opfsKeeper(folder: FileSystemDirectoryHandle, name: string, sha256: Sha256): Keeper {
  throw new Error(`not here yet: ${folder.name} ${name} ${typeof sha256}`);
}
