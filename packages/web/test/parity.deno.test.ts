/**
 * The experiment file of parity.test.ts in Deno, whose WebGPU is wgpu, as Firefox's is: another implementation than Dawn,
 * which Node and Chromium have, with a WGSL compiler of its own, and without subgroups, so that other kernels are taken.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { testGpu } from '@circuit-tuning/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PageRun } from './parityPage.js';
import { factsOf, isClose, keptEdges, runInNode, script, serve } from './parityRuns.js';

const deno = process.env['DENO'] ?? 'deno';
const hasDeno = spawnSync(deno, ['--version']).status === 0;

/** On the adapter that tests of Node take. */
async function runInDeno(folder: string): Promise<PageRun['texts']> {
  await testGpu();
  const driver = process.env['VK_DRIVER_FILES'];
  const env = { ...process.env, ...(driver && { LD_LIBRARY_PATH: dirname(driver) }) };
  const [file, found] = [join(folder, 'page.mjs'), join(folder, 'texts.json')];
  writeFileSync(
    file,
    `${script}\nDeno.writeTextFileSync(${JSON.stringify(found)}, JSON.stringify((await run()).texts));`,
  );
  const server = await serve();
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const child = spawn(deno, ['run', '--allow-all', '--unstable-webgpu', '--location', at, file], {
    env,
    stdio: 'pipe',
  });
  let told = '';
  child.stdout.resume();
  child.stderr.setEncoding('utf8').on('data', (text: string) => (told += text));
  const code = await new Promise((resolve) => child.on('close', resolve));
  server.close();
  if (code !== 0) throw new Error(`Deno ended with ${String(code)}: ${told}`);
  return JSON.parse(readFileSync(found, 'utf8')) as PageRun['texts'];
}

describe.skipIf(!hasDeno)('an experiment file in Deno (needs it installed, or DENO set to its path)', () => {
  let folder: string;
  let texts: PageRun['texts'];
  const inNode = (path: string): string => readFileSync(join(folder, 'node', path), 'utf8');
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'parity-'));
    [texts] = await Promise.all([runInDeno(folder), runInNode(join(folder, 'node'))]);
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it('finds the same edges as in Node, before, in each search and afterwards', () => {
    const circuits = Object.keys(texts).filter((path) => path.startsWith('circuits/'));
    expect(circuits).toHaveLength(4);
    for (const path of circuits) expect(keptEdges(texts[path]!)).toEqual(keptEdges(inNode(path)));
  });

  it('tells the same facts, numbers to 1e-5 of their size', () => {
    const [there, here] = [texts['events.jsonl']!, inNode('events.jsonl')].map(factsOf);
    expect(there!.map(([path]) => path)).toEqual(here!.map(([path]) => path));
    expect(there!.filter(([, value], i) => !isClose(value, here![i]![1]))).toEqual([]);
  });
});
