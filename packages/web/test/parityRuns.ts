/** One experiment file, run by the CLI in Node and elsewhere: where it is had from, and what of two runs is compared. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GraphJson } from '@circuit-tuning/core';
import script from './parityPage.ts?page';

const packages = fileURLToPath(new URL('../../', import.meta.url));
const cli = fileURLToPath(new URL('../../../scripts/cli.mjs', import.meta.url));
const experiment = fileURLToPath(new URL('parity.yaml', import.meta.url));

/** The packages of this checkout on a port of their own, with the page at '/'. */
export async function serve(): Promise<Server> {
  const server = createServer(({ url = '/' }, response) => {
    const path = join(packages, normalize(decodeURIComponent(new URL(url, 'http://localhost').pathname)));
    const body =
      url === '/'
        ? `<!doctype html><title>parity</title><script>${script}</script>`
        : existsSync(path) && readFileSync(path);
    const type =
      url === '/' ? 'text/html' : extname(path) === '.json' ? 'application/json' : 'application/octet-stream';
    if (body === false) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
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
