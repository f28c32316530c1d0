/** One experiment file, run by the CLI in Node and elsewhere: where it is had from, and what of two runs is compared. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { GraphJson } from '@circuit-tuning/core';
import type { PageRun } from './parityPage.js';
import script from './parityPage.ts?page';

const packages = fileURLToPath(new URL('../../', import.meta.url));
const cli = fileURLToPath(new URL('../../../scripts/cli.mjs', import.meta.url));
const experiment = fileURLToPath(new URL('parity.yaml', import.meta.url));
const TOLD = '/told';

export interface Served {
  /** Of the page. What it shows at `told`, it runs and tells by itself. */
  readonly url: string;
  readonly told: string;
  /** What it told. */
  readonly found: Promise<PageRun>;
  close(): void;
}

/** The packages of this checkout on a port of their own, with the page at '/'. */
export async function serve(): Promise<Served> {
  let hear: (found: PageRun | Promise<never>) => void;
  const found = new Promise<PageRun>((resolve) => (hear = resolve));
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (request.method === 'POST') {
      void json(request).then((it) => {
        const { run, trouble } = it as { run?: PageRun; trouble?: string };
        hear(run ?? Promise.reject(new Error(`the page: ${trouble}`)));
      });
      response.end();
    } else if (pathname === '/' || pathname === TOLD) {
      const tell = `run().then((run) => ({ run }), (error) => ({ trouble: String(error) }))
        .then((told) => fetch('${TOLD}', { method: 'POST', body: JSON.stringify(told) }));`;
      const code = pathname === '/' ? script : `${script}\n${tell}`;
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(`<!doctype html><title>parity</title><script>${code}</script>`);
    } else {
      const path = join(packages, normalize(decodeURIComponent(pathname)));
      const type = extname(path) === '.json' ? 'application/json' : 'application/octet-stream';
      if (!existsSync(path)) response.writeHead(404).end();
      else response.writeHead(200, { 'content-type': type }).end(readFileSync(path));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: `${url}/`, told: `${url}${TOLD}`, found, close: () => void server.close() };
}

/** What runs elsewhere: `run()` gives a `PageRun`. */
export { script };

/** @param variables besides those of this process: which adapter it takes. */
export async function runInNode(out: string, variables: NodeJS.ProcessEnv = {}): Promise<void> {
  const env = { ...process.env, ...variables };
  const child = spawn(process.execPath, [cli, 'run', experiment, '--out', out], { env, stdio: 'pipe' });
  let told = '';
  child.stdout.resume();
  child.stderr.setEncoding('utf8').on('data', (text: string) => (told += text));
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`the CLI ended with ${String(code)}: ${told}`);
}

/** Every number of an event beside its path; the clock is left out. */
function* numbersOf(value: unknown, path: string): Generator<[path: string, value: unknown]> {
  if (typeof value !== 'object' || value === null) yield [path, value];
  else
    for (const [key, inner] of Object.entries(value))
      if (key !== 't' && key !== 'seconds') yield* numbersOf(inner, `${path}.${key}`);
}

export const factsOf = (events: string): [path: string, value: unknown][] =>
  events
    .trimEnd()
    .split('\n')
    .flatMap((line, i) => [...numbersOf(JSON.parse(line), `${i}`)]);

export const isClose = (a: unknown, b: unknown): boolean =>
  typeof a === 'number' && typeof b === 'number' ? Math.abs(a - b) <= 1e-5 * Math.max(1, Math.abs(b)) : a === b;

export const keptEdges = (graph: string): string[] =>
  Object.entries((JSON.parse(graph) as GraphJson).edges).flatMap(([name, { in_graph }]) => (in_graph ? [name] : []));
