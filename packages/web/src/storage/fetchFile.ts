/** One file of a hub model, in ranges, after what lies in the storage already. */
import { WeightError } from '@circuit-tuning/core';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { FileError } from '../files.js';
import { handleSource, inFile, removeAll, type OpenFile } from './handles.js';
import { fileUrl, requireOpen, type HubFile, type HubModel, type HubOptions } from './hub.js';

export interface FetchFileOptions extends HubOptions {
  /** Bytes that are asked for at once. Default: 16 MiB. */
  readonly range?: number;
  /** Milliseconds before the second try; each next one waits twice as long. Default: 1000. */
  readonly patience?: number;
  /** Bytes of the file that are here. */
  readonly onProgress?: (here: number) => void;
}

/** Why a range did not come to its end, where another try may. */
interface Cut {
  readonly why: string;
  /** Milliseconds that the hub asks to wait. */
  readonly wait?: number;
}

/** Tries without a new byte before it is given up. */
const TRIES = 6;
/** What is written at a time, and checked at a time: a write costs about a millisecond however small it is. */
const [PIECE, CHECKED] = [2 ** 20, 2 ** 24];

/**
 * Goes on where the file ends, until it is whole and, where the hub tells its sha256, what it should be.
 * @throws FileError where the hub does not send it; WeightError where it sends another one, which is then removed.
 */
export async function fetchFile(
  model: HubModel,
  file: HubFile,
  folder: FileSystemDirectoryHandle,
  options: FetchFileOptions,
): Promise<void> {
  const { signal, patience = 1000, onProgress } = options;
  const where = `${model.id}/${file.name}`;
  const url = fileUrl(model, options.hub, file.name);
  for (let fails = 0; ;) {
    signal?.throwIfAborted();
    const { before, after, cut } = await inFile(folder, file.name, async (open) => {
      if (open.size > file.bytes) open.truncate(0);
      const before = open.size;
      onProgress?.(before);
      const cut = before < file.bytes ? await fetchRange(where, url, file.bytes, open, options) : undefined;
      return { before, after: open.size, cut };
    });
    if (!cut && after === file.bytes) break;
    fails = after > before ? 0 : fails + 1;
    if (cut && fails >= TRIES) {
      const cure = 'Check the connection and download it again: it goes on where it stopped';
      throw new FileError({ where, rule: 'the hub must send it', got: cut.why, cure });
    }
    if (cut) await pause(cut.wait ?? patience * 2 ** Math.max(0, fails - 1), signal);
  }
  if (file.sha256 !== undefined && (await hashOf(folder, file.name)) !== file.sha256) {
    await removeAll(folder, file.name);
    const cure = 'Download it again: it starts over';
    throw new WeightError({ where, rule: 'must have the sha256 that the hub tells', got: 'another one', cure });
  }
}

/** Appends the next range, or as much of it as comes. */
async function fetchRange(
  where: string,
  url: string,
  bytes: number,
  file: OpenFile,
  { fetch: get = globalThis.fetch, signal, range = 2 ** 24, onProgress }: FetchFileOptions,
): Promise<Cut | undefined> {
  const from = file.size;
  const headers = { Range: `bytes=${from}-${Math.min(from + range, bytes) - 1}` };
  const response = await get(url, { headers, ...(signal && { signal }) }).catch(cutBy(signal));
  if (!(response instanceof Response)) return response;
  const { status, statusText } = response;
  if (status === 429 || status >= 500) {
    const seconds = Number(response.headers.get('Retry-After'));
    return { why: `${status} ${statusText}`.trim(), ...(seconds > 0 && { wait: 1000 * Math.min(seconds, 60) }) };
  }
  const total = /\/(\d+)$/.exec(response.headers.get('Content-Range') ?? '')?.[1];
  if (status === 416 || (total !== undefined && Number(total) !== bytes)) throw otherSize(where, bytes, total);
  requireOpen(where, response);
  // a server that knows no ranges sends it from the start
  if (status === 200) file.truncate(0);
  const end = status === 200 ? bytes : Math.min(from + range, bytes);
  const cut = await appendBody(response, file, signal, onProgress);
  if (file.size > end) throw otherSize(where, bytes, file.size);
  return cut ?? (file.size < end ? { why: 'an answer that was cut off' } : undefined);
}

async function appendBody(
  response: Response,
  file: OpenFile,
  signal: AbortSignal | undefined,
  onProgress: FetchFileOptions['onProgress'],
): Promise<Cut | undefined> {
  const reader = response.body!.getReader();
  let pending: Uint8Array<ArrayBuffer>[] = [];
  let waiting = 0;
  const write = async (): Promise<void> => {
    file.append(new Uint8Array(await new Blob(pending).arrayBuffer()));
    [pending, waiting] = [[], 0];
    onProgress?.(file.size);
  };
  try {
    for (;;) {
      const part = await reader.read().catch(cutBy(signal));
      if ('why' in part) return part;
      if (part.done) return undefined;
      pending.push(part.value);
      waiting += part.value.byteLength;
      if (waiting >= PIECE) await write();
    }
  } finally {
    // also where the connection was cut or the reader stopped it: what has come need not come again
    if (waiting > 0) await write();
    await reader.cancel().catch(() => {});
  }
}

/** Errors of the connection may be gone with the next try; a reader who stops it means it. */
const cutBy =
  (signal: AbortSignal | undefined) =>
  (error: unknown): Cut => {
    if (signal?.aborted || !(error instanceof Error)) throw error;
    return { why: error.message };
  };

const otherSize = (where: string, bytes: number, got: string | number | undefined): FileError =>
  new FileError({
    where,
    rule: `must be ${bytes} bytes long, as the hub tells`,
    got: got === undefined ? 'fewer' : `${got}`,
    cure: 'It has changed meanwhile: download it again',
  });

async function hashOf(folder: FileSystemDirectoryHandle, name: string): Promise<string> {
  const { size, read } = await handleSource(await folder.getFileHandle(name), name);
  // WebCrypto hashes only what is in memory at once
  const hash = sha256.create();
  for (let at = 0; at < size; at += CHECKED) hash.update(await read(at, CHECKED));
  return bytesToHex(hash.digest());
}

const pause = (milliseconds: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const giveUp = (): void => {
      clearTimeout(timer);
      reject(signal!.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', giveUp);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', giveUp, { once: true });
  });
