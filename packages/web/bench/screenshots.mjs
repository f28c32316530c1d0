// Pictures of every view of the lab, for looking at and for the README: runs the built-in experiment in Chromium, then shoots
// it in light and dark, on a laptop and on a phone.
//   node packages/web/bench/screenshots.mjs [--out DIR] [--run FOLDER]     with --run: of a run that lies in a folder
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const { values } = parseArgs({ options: { out: { type: 'string', default: 'screenshots' }, run: { type: 'string' } } });
const places = JSON.parse(readFileSync(new URL('../../testkit/src/browserPlaces.json', import.meta.url), 'utf8'));
const executablePath = [process.env.CHROMIUM, ...places].find((path) => path && existsSync(path));
if (!executablePath)
  throw new Error('screenshots.mjs: needs Chromium, found none: name one with CHROMIUM=/path/to/chromium');
mkdirSync(values.out, { recursive: true });

const cli = fileURLToPath(new URL('../../../scripts/cli.mjs', import.meta.url));
const server = spawn(process.execPath, [cli, 'lab', ...(values.run ? [values.run] : [])]);
const address = await new Promise((resolve, reject) => {
  server.stdout.on('data', (text) => {
    const found = /http:\S+/.exec(String(text))?.[0];
    if (found) resolve(found);
  });
  server.on('exit', () => reject(new Error('screenshots.mjs: the lab was not served')));
});
const args = ['--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
const browser = await chromium.launch({ executablePath, args });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 960 } });
  const panel = (name) => page.getByRole('region', { name, exact: true });
  const shoot = async (name, options = {}) => {
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.waitForTimeout(500);
      await page.screenshot({ path: join(values.out, `${name}-${colorScheme}.png`), ...options });
    }
  };
  await page.goto(address);
  if (!values.run) {
    await page.getByRole('button', { name: 'Start', exact: true }).first().waitFor();
    await page.waitForTimeout(1000);
    await shoot('first-visit');
    await page.getByRole('button', { name: 'Start', exact: true }).first().click();
    await panel('The run')
      .getByText(/^Tuning only the circuit, step [3-9]\d/)
      .waitFor({ timeout: 600_000 });
    await shoot('running');
    await panel('The run').getByText(/^Done/).waitFor({ timeout: 900_000 });
  }
  const slider = panel('Time').getByRole('slider').first();
  await slider.focus();
  await page.keyboard.press('Home');
  for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowRight');
  await panel('Circuit').getByLabel('Find a node').fill('a2.h6');
  await page.keyboard.press('Enter');
  await page.evaluate(() => document.activeElement?.blur());
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForTimeout(1500);
  await shoot('circuit');
  await panel('Time')
    .getByRole('combobox', { name: /compare/i })
    .selectOption({ index: 1 });
  await page.waitForTimeout(1000);
  await shoot('compare');
  await panel('Time')
    .getByRole('combobox', { name: /compare/i })
    .selectOption({ index: 0 });
  // it sticks to the top of the window, in the middle of what is shot
  await page.addStyleTag({ content: '.control-bar { position: static !important; }' });
  for (const name of ['Curves', 'Methods compared', 'Your own model and task']) {
    await panel(name).scrollIntoViewIfNeeded();
    await page.waitForTimeout(600);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.waitForTimeout(400);
      await panel(name).screenshot({
        path: join(values.out, `${name.toLowerCase().replaceAll(' ', '-')}-${colorScheme}.png`),
      });
    }
  }
  await page.setViewportSize({ width: 390, height: 844 });
  await page.waitForTimeout(1000);
  await shoot('phone', { fullPage: true });
} finally {
  await browser.close();
  server.kill('SIGINT');
}
