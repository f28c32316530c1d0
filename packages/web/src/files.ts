/** Files in a browser, read in ranges: what a person picks (File, Blob), and what a server holds (fetch with Range). */
import { CircuitTuningError, memorySource, type Folder, type Source } from '@circuit-tuning/core';

/** A file that cannot be read from here. */
export class FileError extends CircuitTuningError {
  static override readonly kind = 'FileError';
}

/** A picked or dropped file. A File names itself; a Blob needs a name. */
export const blobSource = (blob: Blob, name = blob instanceof File ? blob.name : 'blob'): Source => ({
  name,
  size: blob.size,
  read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
});

export interface UrlOptions {
  /** Default: globalThis.fetch. */
  readonly fetch?: typeof fetch;
  /** Ends requests under way. */
  readonly signal?: AbortSignal;
}

const CURE = 'Open the address in a tab to see what the server answers, and check the connection';

/** Undefined where the server has no such file. */
async function request(url: string, range: string | undefined, options: UrlOptions): Promise<Response | undefined> {
  const { fetch: get = globalThis.fetch, signal } = options;
  const headers = range === undefined ? undefined : { Range: `bytes=${range}` };
  let response: Response;
  try {
    response = await get(url, { ...(headers && { headers }), ...(signal && { signal }) });
  } catch (error) {
    if (signal?.aborted) throw error;
    const got = error instanceof Error ? error.message : 'a failed request';
    throw new FileError({ where: url, rule: 'the server must answer', got, cure: CURE }, { cause: error });
  }
  if (response.status === 404) return undefined;
  // an empty file has no range at all
  if (!response.ok && response.status !== 416) {
    const got = `${response.status} ${response.statusText}`.trim();
    throw new FileError({ where: url, rule: 'the server must send the file', got, cure: CURE });
  }
  return response;
}

const missing = (url: string): FileError =>
  new FileError({ where: url, rule: 'the server must have the file', got: '404', cure: CURE });

/**
 * A file on a server; undefined where there is none. Its size comes from the first, one-byte range. A server that
 * ignores ranges and sends the whole file is read once, and kept: each range would send all of it again.
 */
async function openUrl(url: string, options: UrlOptions): Promise<Source | undefined> {
  const first = await request(url, '0-0', options);
  if (!first) return undefined;
  const bytes = new Uint8Array(await first.arrayBuffer());
  if (first.status === 200) return memorySource(url, bytes);
  const total = first.headers.get('Content-Range')?.match(/\/(\d+)$/)?.[1];
  if (total === undefined) {
    throw new FileError({
      where: url,
      rule: 'the server must tell the size of the file',
      got: first.headers.get('Content-Range') ?? 'no Content-Range that this page may see',
      cure: 'On another origin the server has to send Access-Control-Expose-Headers: Content-Range',
    });
  }
  const size = Number(total);
  return {
    name: url,
    size,
    async read(offset, length) {
      const end = Math.min(offset + length, size);
      if (end <= offset) return new Uint8Array(0);
      const response = await request(url, `${offset}-${end - 1}`, options);
      if (!response) throw missing(url);
      const part = new Uint8Array(await response.arrayBuffer());
      return response.status === 206 ? part.subarray(0, end - offset) : part.slice(offset, end);
    },
  };
}

/** @throws FileError where the server does not answer, has no such file, or does not tell its size. */
export async function urlSource(url: string, options: UrlOptions = {}): Promise<Source> {
  const source = await openUrl(url, options);
  if (!source) throw missing(url);
  return source;
}

/** A small file on a server, fetched once and kept; undefined where there is none. */
export async function wholeFile(url: string, options: UrlOptions = {}): Promise<Source | undefined> {
  const response = await request(url, undefined, options);
  return response && memorySource(url, new Uint8Array(await response.arrayBuffer()));
}

/** A model folder on a server: config.json is asked for at `<url>/config.json`, and so on. */
export function urlFolder(url: string, options: UrlOptions = {}): Folder {
  const base = url.endsWith('/') ? url : `${url}/`;
  return { name: url, open: (file) => openUrl(`${base}${encodeURIComponent(file)}`, options) };
}

/** A model folder a person picked (`<input type="file" webkitdirectory>`) or dropped. */
export function pickedFolder(files: Iterable<File>, name = 'the picked folder'): Folder {
  const byName = new Map([...files].map((file) => [file.name, file]));
  return {
    name,
    async open(file) {
      const picked = byName.get(file);
      return picked && blobSource(picked);
    },
  };
}
