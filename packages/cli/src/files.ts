/**
 * Files on this machine: model folders read in ranges, and writes that either happen whole or leave everything as it
 * was. Whatever the operating system refuses becomes one sentence with its cure.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { bytesFile, ConfigError, LimitError, type Folder, type OutputFile, type Source } from '@circuit-tuning/core';

/** Each read opens the file anew: a model is read once, and nothing needs closing. */
export const fileSource = (path: string, size: number): Source => ({
  name: path,
  size,
  async read(offset, length) {
    const handle = await open(path).catch((error: unknown) => refused(error, path));
    try {
      const bytes = new Uint8Array(length);
      let filled = 0;
      // One read gives at most 2 GiB, and less from some file systems.
      while (filled < length) {
        const want = Math.min(length - filled, 2 ** 30);
        const { bytesRead } = await handle.read(bytes, filled, want, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    } finally {
      await handle.close();
    }
  },
});

/** @throws ConfigError where a file is there but may not be read. */
export async function openFile(path: string): Promise<Source | undefined> {
  const found = await stat(path).catch((error: unknown) =>
    ['ENOENT', 'ENOTDIR'].includes(codeOf(error)) ? undefined : refused(error, path),
  );
  return found?.isFile() ? fileSource(path, found.size) : undefined;
}

export const nodeFolder = (path: string): Folder => ({ name: path, open: (file) => openFile(join(path, file)) });

/**
 * Writes a folder beside its place and moves it there when it is complete. A folder that is there already stays,
 * unless `replace` is set: then it goes in the moment its successor comes.
 * @throws ConfigError or LimitError where the place is taken, may not be written or is full; nothing has changed then.
 */
export async function writeFolder(
  path: string,
  files: readonly OutputFile[],
  { replace = false }: { replace?: boolean } = {},
): Promise<void> {
  const place = resolve(path);
  const partial = `${place}.partial-${process.pid}`;
  const old = `${place}.old-${process.pid}`;
  try {
    const present = await readdir(place).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    });
    if (present.length > 0 && !replace)
      throw new ConfigError({
        where: path,
        rule: 'must be a new or an empty folder',
        got: `one that holds ${present.slice(0, 3).join(', ')}${present.length > 3 ? ', ...' : ''}`,
        cure: 'Give another folder, or remove this one',
      });
    await mkdir(dirname(place), { recursive: true });
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial);
    for (const { name, chunks } of files) await writeChunks(join(partial, name), chunks());
    // An empty or missing folder has nothing to keep.
    const kept = await rename(place, old).then(
      () => true,
      () => false,
    );
    await rename(partial, place).catch(async (error: unknown) => {
      if (kept) await rename(old, place);
      throw error;
    });
    await rm(old, { recursive: true, force: true });
  } catch (error) {
    await rm(partial, { recursive: true, force: true }).catch(() => undefined);
    refused(error, path);
  }
}

/**
 * Writes a file beside its place and moves it there when it is complete, over the one that was there.
 * @throws ConfigError or LimitError; the file that was there is then untouched.
 */
export async function writeFile(path: string, content: string | Uint8Array<ArrayBuffer>): Promise<void> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  await writeOne(path, bytesFile(path, bytes));
}

/** Each file whole, into a folder that may hold others. */
export async function writeFiles(folder: string, files: readonly OutputFile[]): Promise<void> {
  for (const file of files) await writeOne(join(folder, file.name), file);
}

async function writeOne(path: string, { chunks }: OutputFile): Promise<void> {
  const partial = `${path}.partial-${process.pid}`;
  try {
    await mkdir(dirname(resolve(path)), { recursive: true });
    await writeChunks(partial, chunks());
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined);
    refused(error, path);
  }
}

/** Down to the disk before it returns: a rename may otherwise outlive the data after a power cut. */
async function writeChunks(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const handle = await open(path, 'w');
  try {
    for await (const chunk of chunks) {
      let written = 0;
      while (written < chunk.byteLength) written += (await handle.write(chunk, written)).bytesWritten;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export const sha256 = async (bytes: Uint8Array): Promise<string> => createHash('sha256').update(bytes).digest('hex');

export async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch (error) {
    refused(error, path);
  }
  return hash.digest('hex');
}

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code ?? '');

const elsewhere = 'Give another place';
const inTheWay = ['must be a free place', 'a path where a file stands in the way', elsewhere] as const;
const reasons: Readonly<Record<string, readonly [rule: string, got: string, cure: string]>> = {
  ENOENT: ['must exist', 'nothing of that name', 'Check the path'],
  EACCES: ['must be open to this user', 'no permission', `${elsewhere}, or change its permissions`],
  EPERM: ['must be open to this user', 'no permission', `${elsewhere}, or change its permissions`],
  EROFS: ['must lie on a disk that can be written', 'a read-only one', elsewhere],
  ENOTDIR: inTheWay,
  EEXIST: inTheWay,
  EISDIR: ['must be a file', 'a folder of that name', elsewhere],
  ENAMETOOLONG: ['must have a name that the disk takes', 'one that is too long', elsewhere],
};

/**
 * What the operating system refused, as one sentence. Errors of our own pass through.
 * @throws always
 */
export function refused(error: unknown, path: string): never {
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    throw new LimitError(
      {
        where: path,
        rule: 'must lie on a disk with room for it',
        got: 'a full one',
        cure: 'Make room, or give another place',
      },
      { cause: error },
    );
  const reason = reasons[code];
  if (!reason) throw error;
  const [rule, got, cure] = reason;
  throw new ConfigError({ where: path, rule, got, cure }, { cause: error });
}
