/** The page without its host: what is kept, what never is, and that a newer version takes over. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { again, chromiumArgs, chromiumPath } from '@circuit-tuning/testkit';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { serve, type Served } from '../src/serve.js';

const bundle = pathToFileURL(fileURLToPath(new URL('../../../scripts/bundle.mjs', import.meta.url))).href;
const sha256 = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

/** Makes the next version of a bundled lab: what names its version, and the hash of that. */
function makeNewer(lab: string): void {
  const [index, worker] = ['index.html', 'serviceWorker.js'].map((file) => readFileSync(join(lab, file), 'utf8'));
  const [, version = ''] = /name="lab-version" content="(\w+)"/.exec(index!) ?? [];
  const newer = index!.replace(version, 'newer');
  writeFileSync(join(lab, 'index.html'), newer);
  writeFileSync(
    join(lab, 'serviceWorker.js'),
    worker!.replaceAll(version, 'newer').replace(sha256(index!), sha256(newer)),
  );
}

describe.skipIf(!chromiumPath)('the lab (needs Chromium: install it, or set CHROMIUM to its path)', again, () => {
  const folder = mkdtempSync(join(tmpdir(), 'offline-'));
  const built = join(folder, 'built');
  const lab = join(folder, 'lab');
  const run = join(folder, 'run');
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let served: Served;

  beforeAll(async () => {
    const program = `import(${JSON.stringify(bundle)}).then(({ bundleLab }) => bundleLab(${JSON.stringify(built)}))`;
    execFileSync(process.execPath, ['-e', program]);
    mkdirSync(run);
    writeFileSync(join(run, 'events.jsonl'), '');
    browser = await chromium.launch({ executablePath: chromiumPath!, args: chromiumArgs });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    rmSync(lab, { recursive: true, force: true });
    cpSync(built, lab, { recursive: true });
    served = await serve({ lab, run, port: 0, isPortGiven: true });
    context = await browser.newContext();
    page = await context.newPage();
  });
  afterEach(async () => {
    await context.close();
    await served.close();
  });

  /** Opens the page and waits until its worker has it all. */
  async function openAndKeep(): Promise<void> {
    await page.goto(new URL('/', served.url).href);
    await page.evaluate('navigator.serviceWorker.ready.then(({ active }) => active.state)');
    const controller = () => page.evaluate('navigator.serviceWorker.controller?.state');
    await expect.poll(controller, { timeout: 30_000 }).toBe('activated');
  }
  const kept = (): Promise<string[]> =>
    page.evaluate(`(async () => {
      const names = await caches.keys();
      const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      return requests.flat().map(({ url }) => url);
    })()`);
  const version = (): Promise<string> => page.evaluate('document.querySelector("meta[name=lab-version]").content');
  const get = (path: string): Promise<number> =>
    page.evaluate(`fetch(${JSON.stringify(path)}).then(({ status }) => status, () => 0)`);

  it('opens without its host, model and data included, once it was open', async () => {
    await openAndKeep();
    expect(await get('run/events.jsonl')).toBe(200);
    await served.close();
    await page.goto(new URL('/?run=/run/', served.url).href);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toContain('lab');
    for (const path of ['worker.js', 'embedded/lab.yaml', 'embedded/model/model.safetensors'])
      expect([path, await get(path)]).toEqual([path, 200]);
    expect(await get('run/events.jsonl')).toBe(0);
  });

  it('keeps its own files and nothing else', async () => {
    await openAndKeep();
    await get('run/events.jsonl');
    await get('none.json');
    const { origin } = new URL(served.url);
    const paths = (await kept()).map((url) => url.replace(`${origin}/`, ''));
    expect(paths).toContain('');
    expect(paths).toContain('page.js');
    expect(paths.filter((path) => /^(run|http|none)/.test(path))).toEqual([]);
  });

  it('shows what its host has, says that there is a newer version, and forgets all but the last two', async () => {
    await openAndKeep();
    makeNewer(lab);
    await page.evaluate('document.dispatchEvent(new Event("visibilitychange"))');
    await page.getByRole('button', { name: 'Reload' }).click();
    await expect.poll(version, { timeout: 30_000 }).toBe('newer');
    expect(await page.getByRole('button', { name: 'Reload' }).count()).toBe(0);
    expect(await page.evaluate('caches.keys().then((names) => names.length)')).toBe(2);
    await served.close();
    await page.goto(new URL('/', served.url).href);
    expect(await version()).toBe('newer');
  });

  it('keeps nothing of a version that is not whole', async () => {
    writeFileSync(join(lab, 'page.css'), 'of another version {}');
    await page.goto(new URL('/', served.url).href);
    const state = await page.evaluate(`new Promise((resolve) => {
      navigator.serviceWorker.register('serviceWorker.js').then(({ installing }) =>
        installing.addEventListener('statechange', () => resolve(installing.state)));
    })`);
    expect(state).toBe('redundant');
    expect(await kept()).toEqual([]);
  });
});
