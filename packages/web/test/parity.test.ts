/**
 * One experiment file, run by the CLI in Node and by a page in Chromium. On one build of one adapter both give the same
 * bits: Node is therefore pointed at the SwiftShader that Chromium brings. On two adapters sums round differently, and
 * numbers agree to 1e-5 of their size.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { again, chromiumArgs, chromiumPath } from '@circuit-tuning/testkit';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PageRun } from './parityPage.js';
import { factsOf, isClose, keptEdges, runInNode, serve } from './parityRuns.js';

/** Where Chromium brings SwiftShader and its own Vulkan loader; Debian starts it by a script that lies elsewhere. */
const home = chromiumPath === '/usr/bin/chromium' ? '/usr/lib/chromium' : dirname(realpathSync(chromiumPath ?? '.'));
const manifest = join(home, 'vk_swiftshader_icd.json');
const swiftshader = { VK_DRIVER_FILES: manifest, VK_ICD_FILENAMES: manifest, LD_LIBRARY_PATH: home };
const isSameBuild = process.platform === 'linux' && existsSync(manifest);

async function runInChromium(): Promise<PageRun> {
  const server = await serve();
  const browser = await chromium.launch({
    executablePath: chromiumPath!,
    args: [...chromiumArgs, ...(isSameBuild ? ['--use-webgpu-adapter=swiftshader'] : [])],
  });
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    return await page.evaluate<PageRun>('run()');
  } finally {
    await browser.close();
    server.close();
  }
}

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
      [page] = await Promise.all([runInChromium(), runInNode(out, isSameBuild ? swiftshader : {})]);
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
