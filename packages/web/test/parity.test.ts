/**
 * One experiment file, run by the CLI in Node and by a page in Chromium. On one build of one adapter both give the same
 * bits: Node is therefore pointed at the SwiftShader that Chromium brings. On two adapters sums round differently, and
 * numbers agree to 1e-5 of their size.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GraphJson } from '@circuit-tuning/core';
import { again, chromiumArgs, chromiumPath } from '@circuit-tuning/testkit';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import script from './parityPage.ts?page';
import type { PageRun } from './parityPage.js';

const packages = fileURLToPath(new URL('../../', import.meta.url));
const cli = fileURLToPath(new URL('../../../scripts/cli.mjs', import.meta.url));
const experiment = fileURLToPath(new URL('parity.yaml', import.meta.url));

/** Where Chromium brings SwiftShader and its own Vulkan loader; Debian starts it by a script that lies elsewhere. */
const home = chromiumPath === '/usr/bin/chromium' ? '/usr/lib/chromium' : dirname(realpathSync(chromiumPath ?? '.'));
const manifest = join(home, 'vk_swiftshader_icd.json');
const isSameBuild = process.platform === 'linux' && existsSync(manifest);

/** The packages of this checkout on a port of their own, with the page at '/'. */
async function serve(): Promise<Server> {
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

async function runInChromium(): Promise<PageRun> {
  const server = await serve();
  const browser = await chromium.launch({
    executablePath: chromiumPath!,
    args: [...chromiumArgs, ...(isSameBuild ? ['--use-webgpu-adapter=swiftshader'] : [])],
  });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return await page.evaluate<PageRun>('run()');
  } finally {
    await browser.close();
    server.close();
  }
}

async function runInNode(out: string): Promise<void> {
  const swiftshader = { VK_DRIVER_FILES: manifest, VK_ICD_FILENAMES: manifest, LD_LIBRARY_PATH: home };
  const env = { ...process.env, ...(isSameBuild && swiftshader) };
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
const factsOf = (events: string): [path: string, value: unknown][] =>
  events
    .trimEnd()
    .split('\n')
    .flatMap((line, i) => [...numbersOf(JSON.parse(line), `${i}`)]);

const isClose = (a: unknown, b: unknown): boolean =>
  typeof a === 'number' && typeof b === 'number' ? Math.abs(a - b) <= 1e-5 * Math.max(1, Math.abs(b)) : a === b;

const keptEdges = (graph: string): string[] =>
  Object.entries((JSON.parse(graph) as GraphJson).edges).flatMap(([name, { in_graph }]) => (in_graph ? [name] : []));

describe.skipIf(!chromiumPath)(
  'an experiment file (needs Chromium: install it, or set CHROMIUM to its path)',
  again,
  () => {
    let out: string;
    let page: PageRun;
    const inNode = (path: string): Buffer => readFileSync(join(out, path));
    const textInNode = (path: string): string => inNode(path).toString();
    beforeAll(async () => {
      out = mkdtempSync(join(tmpdir(), 'parity-'));
      [page] = await Promise.all([runInChromium(), runInNode(out)]);
    }, 600_000);
    afterAll(() => rmSync(out, { recursive: true }));

    it('tells the same facts in Node and in a browser: searches, losses, metrics, faithfulness', () => {
      const [inPage, here] = [page.texts['events.jsonl']!, textInNode('events.jsonl')].map(factsOf);
      const kinds = inPage!.filter(([path]) => path.endsWith('.kind')).map(([, kind]) => kind);
      const count = (kind: string): number => kinds.filter((it) => it === kind).length;
      const told = ['search', 'step', 'circuit', 'faithfulness', 'done'].map(count);
      expect(told).toEqual([2, 50, 2, 2, 1]);
      if (isSameBuild) expect(inPage).toEqual(here);
      expect(inPage!.map(([path]) => path)).toEqual(here!.map(([path]) => path));
      expect(inPage!.filter(([, value], i) => !isClose(value, here![i]![1]))).toEqual([]);
    });

    it('finds the same edges, before, in each search and afterwards', () => {
      const circuits = Object.keys(page.texts).filter((path) => path.startsWith('circuits/'));
      expect(circuits.toSorted()).toEqual([
        'circuits/after-circuit.json',
        'circuits/before.json',
        'circuits/circuit/step-000000.json',
        'circuits/circuit/step-000025.json',
      ]);
      for (const path of circuits) {
        expect(keptEdges(page.texts[path]!)).toHaveLength(20);
        expect(keptEdges(page.texts[path]!)).toEqual(keptEdges(textInNode(path)));
      }
    });

    it.skipIf(!isSameBuild)(
      'gives every score and the tuned model to the bit (needs the SwiftShader of Chromium)',
      () => {
        const tensors = Object.keys(page.hashes).filter((path) => path.endsWith('.safetensors'));
        expect(tensors).toContain('model/circuit/model.safetensors');
        expect(tensors).toContain('circuits/after-circuit.safetensors');
        const here = tensors.map((path) => [path, createHash('sha256').update(inNode(path)).digest('hex')]);
        expect(tensors.map((path) => [path, page.hashes[path]])).toEqual(here);
      },
    );
  },
);
