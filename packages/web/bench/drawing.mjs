// How fast the circuit picture is scrubbed in Chromium: 30,000 kept edges of a graph like GPT-2 small's, 60 searches.
//   node packages/web/bench/drawing.mjs [--edges 30000] [--searches 60] [--seconds 5] [--json]
// A frame is the time between two animation frames, each of which shows another search.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';

const { values } = parseArgs({
  options: {
    edges: { type: 'string', default: '30000' },
    searches: { type: 'string', default: '60' },
    seconds: { type: 'string', default: '5' },
    width: { type: 'string', default: '1000' },
    height: { type: 'string', default: '640' },
    json: { type: 'boolean', default: false },
    shot: { type: 'string' },
    dark: { type: 'boolean', default: false },
    gpu: { type: 'boolean', default: false },
  },
});
const places = JSON.parse(readFileSync(new URL('../../testkit/src/browserPlaces.json', import.meta.url), 'utf8'));
const chromiumPath = [process.env.CHROMIUM, ...places].find((path) => path && existsSync(path));
if (!chromiumPath) throw new Error('drawing.mjs: needs Chromium, found none: name one with CHROMIUM=/path/to/chromium');
const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('drawing.page.ts', import.meta.url))],
  bundle: true,
  write: false,
  conditions: ['@circuit-tuning/source'],
});
const browser = await chromium.launch({
  executablePath: chromiumPath,
  args: ['--no-sandbox', ...(values.gpu ? [] : ['--disable-gpu'])],
});
const results = [];
try {
  for (const colourBy of ['sign', 'change']) {
    const page = await browser.newPage({
      viewport: { width: Number(values.width) + 40, height: Number(values.height) + 40 },
      colorScheme: values.dark ? 'dark' : 'light',
    });
    await page.setContent('<!doctype html><title>bench</title>');
    await page.addScriptTag({ content: outputFiles[0].text });
    const { edges, frames, busy } = await page.evaluate((asked) => window.scrub(asked), {
      layers: 12,
      heads: 12,
      kept: Number(values.edges),
      searches: Number(values.searches),
      seconds: Number(values.seconds),
      width: Number(values.width),
      height: Number(values.height),
      colourBy,
    });
    await page.waitForTimeout(400);
    if (values.shot) await page.screenshot({ path: `${values.shot}-${colourBy}.png` });
    await page.close();
    const sorted = frames.toSorted((a, b) => a - b);
    const at = (share) => Number(sorted[Math.floor((sorted.length - 1) * share)].toFixed(1));
    results.push({
      colourBy,
      edges,
      framesPerSecond: Number(((1000 * frames.length) / frames.reduce((a, b) => a + b, 0)).toFixed(1)),
      medianMs: at(0.5),
      p95Ms: at(0.95),
      preparingMs: Number((busy.reduce((a, b) => a + b, 0) / busy.length).toFixed(1)),
    });
  }
} finally {
  await browser.close();
}
if (values.json) console.log(JSON.stringify(results));
else
  for (const { colourBy, edges, framesPerSecond, medianMs, p95Ms } of results)
    console.log(
      `${edges} edges coloured by ${colourBy}: ${framesPerSecond} frames a second, a frame ${medianMs} ms (median), ${p95Ms} ms (95 of 100)`,
    );
