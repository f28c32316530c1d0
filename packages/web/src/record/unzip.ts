/**
 * A run out of a zip, read from its directory at the end (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3):
 * what nobody asks for, the weights first of all, is not read. fflate would take the whole archive into memory.
 */
import { ConfigError, memorySource, type Source } from '@circuit-tuning/core';
import { inflateSync } from 'fflate';
import { blobSource } from '../files.js';
import { runAmong, type RunFiles } from './files.js';

interface Entry {
  /** Where its own header begins. */
  readonly at: number;
  readonly method: number;
  readonly packed: number;
  readonly size: number;
}

const [END, ENTRY, HEADER] = [0x06054b50, 0x02014b50, 0x04034b50];
/** The last record of a zip, without and with the longest comment after it. */
const [SHORTEST, LONGEST] = [22, 22 + 0xffff];
const [STORED, DEFLATED] = [0, 8];
/** What is inflated in memory at most: a file of a run that is packed is text. */
const MOST = 2 ** 30;

/** @throws ConfigError where it is no zip, is cut off, leads out of its folder, or holds no run. */
export async function unzipRun(zip: Blob | Uint8Array<ArrayBuffer> | Source, name: string): Promise<RunFiles> {
  const source =
    zip instanceof Blob ? blobSource(zip, name) : zip instanceof Uint8Array ? memorySource(name, zip) : zip;
  const entries = await readDirectory(source);
  return runAmong(name, [...entries.keys()], (path) => openEntry(source, path, entries.get(path)!));
}

const damaged = (where: string, got: string): ConfigError =>
  new ConfigError({
    where,
    rule: 'must be a whole zip file',
    got,
    cure: 'Save it from the page once more, or copy it again',
  });

const view = async (source: Source, at: number, length: number): Promise<DataView> => {
  const bytes = await source.read(at, length);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
};

async function readDirectory(source: Source): Promise<Map<string, Entry>> {
  const start = Math.max(0, source.size - LONGEST);
  const tail = await view(source, start, LONGEST);
  let end = tail.byteLength - SHORTEST;
  while (end >= 0 && tail.getUint32(end, true) !== END) end--;
  if (end < 0) {
    const isZip = source.size > 4 && (await view(source, 0, 4)).getUint32(0, true) === HEADER;
    throw damaged(source.name, isZip ? 'one that is cut off' : 'another kind of file');
  }
  const count = tail.getUint16(end + 10, true);
  const [size, at] = [tail.getUint32(end + 12, true), tail.getUint32(end + 16, true)];
  if (count === 0xffff || at === 0xffffffff)
    throw damaged(source.name, 'one of more than 4 GiB or 65,534 files, which cannot be read here');
  if (at + size > start + end) throw damaged(source.name, 'one that is cut off');
  const directory = await view(source, at, size);
  const entries = new Map<string, Entry>();
  for (let i = 0, offset = 0; i < count; i++) {
    if (offset + 46 > directory.byteLength || directory.getUint32(offset, true) !== ENTRY)
      throw damaged(source.name, 'one whose list of files is damaged');
    const u16 = (to: number): number => directory.getUint16(offset + to, true);
    const u32 = (to: number): number => directory.getUint32(offset + to, true);
    const path = new TextDecoder().decode(
      new Uint8Array(directory.buffer, directory.byteOffset + offset + 46, u16(28)),
    );
    requireInside(source.name, path);
    // folders have entries of their own, which say nothing
    if (!path.endsWith('/')) entries.set(path, { at: u32(42), method: u16(10), packed: u32(20), size: u32(24) });
    offset += 46 + u16(28) + u16(30) + u16(32);
  }
  return entries;
}

/** Whoever unpacks such a file may overwrite files that lie elsewhere: it is not one that was saved here. */
function requireInside(where: string, path: string): void {
  if (!/(^|[\\/])\.\.([\\/]|$)|^[\\/]|^[A-Za-z]:|\0/.test(path)) return;
  throw new ConfigError({
    where,
    rule: 'must hold files of its own folder only',
    got: JSON.stringify(path),
    cure: 'Do not unpack it, unless you trust whoever made it',
  });
}

async function openEntry(source: Source, path: string, { at, method, packed, size }: Entry): Promise<Source> {
  const name = `${source.name}/${path}`;
  const header = await view(source, at, 30);
  if (header.byteLength < 30 || header.getUint32(0, true) !== HEADER) throw damaged(name, 'one that is damaged');
  // its own header may carry more than its line in the directory
  const start = at + 30 + header.getUint16(26, true) + header.getUint16(28, true);
  if (method === STORED)
    return {
      name,
      size,
      read: (offset, length) => source.read(start + offset, Math.max(0, Math.min(length, size - offset))),
    };
  if (method !== DEFLATED || size > MOST) throw damaged(name, 'one that is packed in a way that is not known here');
  const bytes = await source.read(start, packed);
  try {
    const text = inflateSync(bytes, { out: new Uint8Array(size) });
    if (bytes.byteLength === packed && text.byteLength === size)
      return memorySource(name, text as Uint8Array<ArrayBuffer>);
  } catch {
    // said below
  }
  throw damaged(name, 'one that is damaged');
}
