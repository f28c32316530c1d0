// How long the lab takes from opening its address to the first circuit drawn, by a reader who clicks Start at once: headless
// Chromium that computes on the CPU, this machine's own server.
//   node packages/web/bench/firstPicture.mjs [--runs 3] [--gpu] [--json]
// Cold is a browser that was never here; warm is a second visit in the same one, which has its shaders compiled.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { loadavg, tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { bundleLab } from '../../../scripts/bundleLab.mjs';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    gpu: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const places = JSON.parse(readFileSync(new URL('../../testkit/src/browserPlaces.json', import.meta.url), 'utf8'));
const executablePath = [process.env.CHROMIUM, ...places].find((path) => path && existsSync(path));
if (!executablePath)
  throw new Error('firstPicture.mjs: needs Chromium, found none: name one with CHROMIUM=/path/to/chromium');
const args = ['--no-sandbox', '--enable-unsafe-webgpu', ...(values.gpu ? [] : ['--use-webgpu-adapter=swiftshader'])];
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json' };

const folder = mkdtempSync(join(tmpdir(), 'first-picture-'));
await bundleLab(folder);
const server = createServer(({ url }, response) => {
  const { pathname } = new URL(url, 'http://localhost');
  const path = join(folder, pathname === '/' ? 'index.html' : pathname);
  if (!existsSync(path)) return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' });
  response.end(readFileSync(path));
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

/** Milliseconds from the first request to the button, and to the picture. */
async function visit(browser) {
  // the page's own cache would turn the second visit into another measurement
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, serviceWorkers: 'block' });
  const page = await context.newPage();
  const begun = performance.now();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const start = page.getByRole('button', { name: 'Start', exact: true }).first();
  await start.waitFor();
  const ready = performance.now() - begun;
  await start.click();
  await page
    .getByText(/Before tuning: \d+ of/)
    .first()
    .waitFor({ timeout: 120_000 });
  const picture = performance.now() - begun;
  await context.close();
  return { ready: Math.round(ready), picture: Math.round(picture) };
}

const visits = { cold: [], warm: [] };
try {
  for (let i = 0; i < Number(values.runs); i++) {
    const browser = await chromium.launch({ executablePath, args });
    try {
      visits.cold.push(await visit(browser));
      visits.warm.push(await visit(browser));
    } finally {
      await browser.close();
    }
  }
} finally {
  server.close();
  rmSync(folder, { recursive: true, force: true });
}
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
const results = Object.entries(visits).map(([kind, all]) => ({
  kind,
  readyMs: median(all.map(({ ready }) => ready)),
  pictureMs: median(all.map(({ picture }) => picture)),
  visits: all,
}));
if (values.json) console.log(JSON.stringify({ load: loadavg()[0], results }));
else
  for (const { kind, readyMs, pictureMs, visits: all } of results)
    console.log(
      `${kind}: page ready after ${readyMs} ms, first circuit after ${pictureMs} ms (medians of ${all.length}, from ` +
        `${Math.min(...all.map(({ picture }) => picture))} to ${Math.max(...all.map(({ picture }) => picture))} ms)`,
    );
