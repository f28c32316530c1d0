/**
 * The experiment file of parity.test.ts in Deno, whose WebGPU is another than that of Node and Chromium: other kernels are
 * taken, and compiled by another compiler.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasDeno, runInDeno } from '@circuit-tuning/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PageRun } from './parityPage.js';
import { factsOf, isClose, keptEdges, runInNode, script, serve } from './parityRuns.js';

async function pageInDeno(): Promise<PageRun> {
  const server = await serve();
  try {
    return await runInDeno(script, 'run()', `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    server.close();
  }
}

describe.skipIf(!hasDeno)('an experiment file in Deno (needs it installed, or DENO set to its path)', () => {
  let out: string;
  let texts: PageRun['texts'];
  const inNode = (path: string): string => readFileSync(join(out, path), 'utf8');
  beforeAll(async () => {
    out = mkdtempSync(join(tmpdir(), 'parity-'));
    [{ texts }] = await Promise.all([pageInDeno(), runInNode(out)]);
  }, 600_000);
  afterAll(() => rmSync(out, { recursive: true }));

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
