import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { again, chromiumArgs, chromiumPath } from '@circuit-tuning/testkit';
import { layoutCircuit } from '@circuit-tuning/web/draw/static';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { writeReport } from '../../src/report/index.js';
import { readRun } from '../../src/report/readRun.js';
import { syntheticRun } from './syntheticRun.js';

describe.skipIf(!chromiumPath)(
  'a report in a browser (needs Chromium: install it, or set CHROMIUM to its path)',
  again,
  () => {
    let browser: Browser;
    let dir: string;
    let page: Page;
    const problems: string[] = [];

    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: chromiumPath!, args: chromiumArgs });
      dir = mkdtempSync(join(tmpdir(), 'report-'));
      syntheticRun(dir);
      await writeReport(dir);
    });
    afterAll(async () => {
      await browser?.close();
      rmSync(dir, { recursive: true });
    });
    afterEach(async () => {
      await page.context().close();
      expect(problems.splice(0)).toEqual([]);
    });

    async function open(options: BrowserContextOptions = {}): Promise<void> {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      page = await context.newPage();
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('console', (message) => problems.push(message.text()));
      page.on('request', (request) => {
        if (!request.url().startsWith('file:')) problems.push(`asked for ${request.url()}`);
      });
      await page.goto(pathToFileURL(join(dir, 'report.html')).href);
    }
    const details = () => page.locator('.details').innerText();
    const stage = (side: number) => page.locator('.stage').nth(side);
    /** What a canvas shows, as one string. */
    const picture = (side: number, layer: 'strokes' | 'above' = 'strokes') =>
      page
        .locator(`.stage .${layer}`)
        .nth(side)
        .evaluate((canvas) => (canvas as unknown as { toDataURL(): string }).toDataURL());

    it('draws its charts and both circuits, and asks no other place for anything', async () => {
      await open();
      await expect.poll(() => page.locator('.chart canvas').count()).toBe(11);
      const [before, after] = [await picture(0), await picture(1)];
      expect(before.length).toBeGreaterThan(5000);
      expect(after).not.toBe(before);
      expect(await page.locator('figcaption').allInnerTexts()).toContainEqual(
        expect.stringMatching(/^Before tuning\s*60 of 479 edges; \d+ of them left$/),
      );
    });

    it('tells of the node under the pointer, and pins it at a click', async () => {
      await open();
      const { nodes } = (await readRun(dir)).story.circuits!;
      await stage(0).scrollIntoViewIfNeeded();
      const box = (await stage(0).boundingBox())!;
      const layout = layoutCircuit(nodes, Math.floor(box.width));
      const at = layout.nodes[layout.nodeAt.get('m1')!]!;
      const plain = await picture(1, 'above');
      await page.mouse.move(box.x + at.x, box.y + at.y);
      await expect.poll(details).toContain('m1 MLP, layer 1');
      await page.mouse.move(box.x + 2, box.y + 2);
      await expect.poll(details).toContain('Point at a node');
      await page.mouse.click(box.x + at.x, box.y + at.y);
      await page.mouse.move(0, 0);
      expect(await details()).toMatch(/Reads along \d+ edges?/);
      // the other circuit shows the same node
      await expect.poll(() => picture(1, 'above')).not.toBe(plain);
    });

    it('reaches every node and edge by keyboard', async () => {
      await open();
      await stage(1).focus();
      await page.keyboard.press('ArrowUp');
      await expect.poll(details).toContain('input');
      await page.keyboard.press('ArrowUp');
      await expect.poll(details).toMatch(/a0\.h[12] attention head/);
      await page.keyboard.press('ArrowRight');
      await expect.poll(details).toMatch(/a0\.h[23] attention head/);
      await page.keyboard.press('e');
      await expect.poll(details).toMatch(/→ .*(kept|entered|grew|shrank)/);
      await page.keyboard.press('Enter');
      await page.mouse.move(0, 0);
      await expect.poll(details).toMatch(/Before\s+−?[\d.]/);
      await page.keyboard.press('Escape');
      await expect.poll(details).toContain('Point at a node');
    });

    it('compares with another method, draws fewer edges, and colours by sign', async () => {
      await open();
      await page.locator('select').selectOption({ label: 'After full' });
      await expect.poll(() => page.locator('.pictures figcaption').nth(1).innerText()).toContain('After full');
      const all = await picture(0);
      await page.locator('input[type=range]').fill('0');
      await expect.poll(() => page.locator('output').innerText()).toBe('10 of 60');
      await expect.poll(() => picture(0)).not.toBe(all);
      await page.getByLabel('sign of the score').check();
      await expect.poll(() => page.locator('.circuit-pair .legend').innerText()).toContain('raises the metric');
    });

    it('makes long tables when they are opened, and sorts them by exact values', async () => {
      await open();
      const steps = page.locator('details[data-steps=circuit]');
      expect(await steps.locator('tr').count()).toBe(0);
      await steps.locator('summary').click();
      await expect.poll(() => steps.locator('tbody tr').count()).toBe(60);
      await steps.getByRole('button', { name: 'loss' }).click();
      const losses = await steps
        .locator('tbody td:nth-child(2)')
        .evaluateAll((cells) => cells.map((cell) => Number(cell.getAttribute('data-value'))));
      expect(losses).toEqual(losses.toSorted((a, b) => b - a));
      await page.getByText('These edges as a table').click();
      await expect.poll(() => page.locator('#circuits tbody tr').count()).toBeGreaterThan(60);
    });

    it('reads single points of a chart by arrow keys', async () => {
      await open();
      await page.locator('#curve-charts .plot').first().focus();
      await page.keyboard.press('ArrowRight');
      await expect
        .poll(() => page.locator('#curve-charts .readout').first().innerText())
        .toMatch(/step 0\s+circuit −2\.0/);
    });

    it.each(['light', 'dark'] as const)('fits a phone without scrolling sideways, %s', async (colorScheme) => {
      await open({ viewport: { width: 390, height: 844 }, colorScheme });
      await page.locator('.stage canvas').first().waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
      const paper = await page.evaluate('getComputedStyle(document.body).backgroundColor');
      expect(paper).toBe(colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(20, 24, 31)');
    });

    it('is read without scripts too: words, tables and the circuit', async () => {
      await open({ javaScriptEnabled: false });
      expect(await page.locator('main').innerText()).toContain('Tuning only the circuit took logit_diff from');
      expect(await page.locator('noscript svg path').count()).toBeGreaterThan(60);
    });
  },
);
