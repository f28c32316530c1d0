/**
 * Where a browser keeps what should outlast a reload: its origin private file system
 * (https://fs.spec.whatwg.org/#origin-private-file-system). Nothing in it can be seen by other sites, nor leaves the machine.
 */

export interface BrowserStorage {
  readonly runs: FileSystemDirectoryHandle;
  readonly models: FileSystemDirectoryHandle;
}

/** Undefined where there is none, as in some private windows and on insecure addresses: then use core's `memoryKeeper`. */
export async function browserStorage(): Promise<BrowserStorage | undefined> {
  try {
    const origin = await navigator.storage.getDirectory();
    // other pages of this origin may keep files of their own
    const root = await origin.getDirectoryHandle('circuit-tuning', { create: true });
    return {
      runs: await root.getDirectoryHandle('runs', { create: true }),
      models: await root.getDirectoryHandle('models', { create: true }),
    };
  } catch {
    return undefined;
  }
}
