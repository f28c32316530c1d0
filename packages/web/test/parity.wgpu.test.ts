/**
 * The experiment file of parity.test.ts on wgpu, the WebGPU of Firefox and of Deno, where Node and Chromium have Dawn: other
 * kernels are taken, for it has no subgroups, and another compiler compiles them.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firefoxPath, hasDeno, openFirefox, runInDeno } from '@circuit-tuning/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PageRun } from './parityPage.js';
import { factsOf, isClose, keptEdges, runInNode, script, serve } from './parityRuns.js';

async function inDeno(): Promise<PageRun> {
  const server = await serve();
  try {
    return await runInDeno<PageRun>(script, 'run()', server.url);
  } finally {
    server.close();
  }
}

async function inFirefox(): Promise<PageRun> {
  const server = await serve();
  const close = await openFirefox(server.told);
  try {
    return await server.found;
  } finally {
    await close();
    server.close();
  }
}

const places = [
  { name: 'Deno (needs it installed, or DENO set to its path)', isHere: hasDeno, run: inDeno },
  {
    name: 'Firefox (needs it installed, or FIREFOX set to its path)',
    isHere: firefoxPath !== undefined,
    run: inFirefox,
  },
];

let out: string;
const inNode = (path: string): string => readFileSync(join(out, path), 'utf8');
beforeAll(async () => {
  out = mkdtempSync(join(tmpdir(), 'parity-'));
  if (places.some(({ isHere }) => isHere)) await runInNode(out);
}, 600_000);
afterAll(() => rmSync(out, { recursive: true }));

for (const { name, isHere, run } of places)
  describe.skipIf(!isHere)(`an experiment file in ${name}`, () => {
    let texts: PageRun['texts'];
    beforeAll(async () => {
      ({ texts } = await run());
    }, 600_000);

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
