/**
 * The lab's files on a port of this machine, and beside them, under `/run/`, one run folder. To be read only, and from pages
 * of its own: other sites cannot reach what it serves.
 */
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ConfigError } from '@circuit-tuning/core';
import send from 'send';

export interface ServeOptions {
  /** Folder of the lab's files. */
  readonly lab: string;
  /** Folder of a run. */
  readonly run?: string;
  /** Default: this machine alone. */
  readonly host?: string;
  readonly port: number;
  /** Whether `port` is meant: else the next that is free is taken. */
  readonly isPortGiven: boolean;
}

export interface Served {
  /** Of the page, with the run opened where there is one. */
  readonly url: string;
  /** Ends every connection. */
  close(): Promise<void>;
}

/** How many ports are tried. */
const TRIES = 50;

export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|::1)$/.test(host);

/** @throws ConfigError where the port or the host cannot be had. */
export async function serve(options: ServeOptions): Promise<Served> {
  const { lab, run, host = '127.0.0.1', isPortGiven } = options;
  const headers = JSON.parse(await readFile(join(lab, 'headers.json'), 'utf8')) as Record<string, string>;
  const server = createServer((request, response) => {
    // a file may change while the page is open, and a newer lab may come to this port
    for (const [name, value] of Object.entries({ ...headers, 'Cache-Control': 'no-cache' }))
      response.setHeader(name, value);
    answer(request, response, options).catch(() => end(response, 500));
  });
  for (let port = options.port; ; port++) {
    const problem = await listen(server, port, host);
    if (problem === undefined) break;
    if (problem !== 'EADDRINUSE' || isPortGiven || port - options.port >= TRIES) refuse(problem, port, host);
  }
  const { address, port } = server.address() as AddressInfo;
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : address.includes(':') ? `[${address}]` : address;
  return {
    url: `http://${name}:${port}/${run === undefined ? '' : '?run=/run/'}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The code of what went wrong, undefined where nothing did. */
const listen = (server: Server, port: number, host: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const failed = (error: Error & { code?: string }): void => resolve(error.code ?? error.message);
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      resolve(undefined);
    });
  });

function refuse(problem: string, port: number, host: string): never {
  if (problem === 'EADDRINUSE')
    throw new ConfigError({
      where: `--port ${port}`,
      rule: 'must be a free port',
      got: 'one that another program uses',
      cure: 'Give another, or leave --port out to take the next that is free',
    });
  if (problem === 'EACCES')
    throw new ConfigError({
      where: `--port ${port}`,
      rule: 'must be a port that this user may open',
      got: 'no permission',
      cure: 'Give one from 1024',
    });
  const cure = 'Give one that `ip address` or `ipconfig` lists, or leave --host out';
  throw new ConfigError({ where: `--host ${host}`, rule: 'must be an address of this machine', got: problem, cure });
}

async function answer(request: IncomingMessage, response: ServerResponse, options: ServeOptions): Promise<void> {
  const { lab, run, host = '127.0.0.1' } = options;
  if (request.method !== 'GET' && request.method !== 'HEAD') return end(response.setHeader('Allow', 'GET, HEAD'), 405);
  // Another site may give its own name to this address (DNS rebinding), and would then read all that lies here.
  if (isLoopback(host) && !isLoopback(hostOf(request))) return end(response, 403);
  const path = (request.url ?? '/').replace(/[?#].*$/s, '');
  if (!path.startsWith('/run/')) return sendFile(request, response, path, lab);
  if (run === undefined) return end(response, 404);
  const inside = path.slice('/run'.length);
  if (inside.endsWith('/')) await sendNames(response, inside, run);
  else sendFile(request, response, inside, run);
}

/**
 * What a folder of the run holds, as a JSON list of names: a page sees by it what there is, where asking for a file that is
 * not there would be told as an error. Of a folder that is not there the list is empty.
 */
async function sendNames(response: ServerResponse, path: string, root: string): Promise<void> {
  // as `send` has it: nothing that leads out of the root, and nothing hidden
  const parts = decodeURIComponent(path).split(/[\\/]/);
  const isHidden = parts.some((part) => part.startsWith('.') || part.includes('\0'));
  const names = isHidden ? [] : await readdir(join(root, ...parts)).catch(() => []);
  response
    .writeHead(200, { 'Content-Type': 'application/json' })
    .end(JSON.stringify(names.filter((name) => !name.startsWith('.'))));
}

const hostOf = ({ headers: { host = '' } }: IncomingMessage): string =>
  URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '') : '';

/** `send` keeps to the root, and knows ranges, types and ETags. */
function sendFile(request: IncomingMessage, response: ServerResponse, path: string, root: string): void {
  send(request, path, { root, dotfiles: 'ignore', cacheControl: false })
    .on('error', ({ status, headers = {} }: { status?: number; headers?: Record<string, string> }) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      end(response, status ?? 500);
    })
    .on('directory', () => end(response, 404))
    .pipe(response);
}

const WORDS: Readonly<Record<number, string>> = {
  403: 'This address may not be asked for.',
  404: 'There is no such file.',
  405: 'Files here can only be read.',
  416: 'The file has no such range.',
};

function end(response: ServerResponse, status: number): void {
  if (response.headersSent) response.destroy();
  else
    response
      .writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' })
      .end(`${WORDS[status] ?? 'The request could not be answered.'}\n`);
}
