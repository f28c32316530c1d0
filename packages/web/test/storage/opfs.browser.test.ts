/** What a browser keeps, in a real one: keepers, runs, models and downloads, also where tabs are closed and disks are full. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { again, chromiumArgs, chromiumPath } from '@circuit-tuning/testkit';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fakeHub, sha256, type FakeHub } from './fakeHub.js';
import script from './opfsWorker.ts?page';
import type { Scenes } from './opfsWorker.js';

const embedded = new URL('../../../cli/assets/embedded/model/', import.meta.url);
const html = `<!doctype html><title>storage</title><script>
  const start = () => (globalThis.worker = new Worker('/worker.js'));
  start();
  const ask = (scene, args) => new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.postMessage({ scene, args });
  });
</script>`;

/** One with a profile on disk: in private windows Chromium keeps files in memory, and counts no bytes. */
let browser: BrowserContext;
let profile: string;
let server: Server;
let hub: FakeHub;
let origins = 0;

class Tab {
  private constructor(
    readonly page: Page,
    readonly address: string,
  ) {}

  /** Of an origin of its own, with nothing kept yet; or of the same one as another tab. */
  static async open(beside?: Tab): Promise<Tab> {
    const { port } = server.address() as AddressInfo;
    const address = beside?.address ?? `http://visit-${++origins}.localhost:${port}`;
    const page = await browser.newPage();
    await page.goto(address);
    return new Tab(page, address);
  }

  async ask<Scene extends keyof Scenes>(
    scene: Scene,
    ...args: Parameters<Scenes[Scene]>
  ): Promise<Awaited<ReturnType<Scenes[Scene]>>> {
    const { result, error } = await this.page.evaluate<{ result: never; error?: string }>(
      `ask(${JSON.stringify(scene)}, ${JSON.stringify(args)})`,
    );
    if (error !== undefined) throw new Error(error);
    return result;
  }

  /** As when the tab is closed or crashes in the middle, and is opened again. */
  async restart(): Promise<void> {
    await this.page.evaluate('worker.terminate(); start()');
  }
}

describe.skipIf(!chromiumPath)('a browser (needs Chromium: install it, or set CHROMIUM to its path)', again, () => {
  beforeAll(async () => {
    hub = await fakeHub();
    server = createServer(({ url = '/' }, response) => {
      if (url === '/worker.js') return response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
      if (url === '/') return response.writeHead(200, { 'content-type': 'text/html' }).end(html);
      const file = new URL(`.${url}`, embedded);
      return existsSync(file) ? response.end(readFileSync(file)) : response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    profile = mkdtempSync(join(tmpdir(), 'storage-'));
    browser = await chromium.launchPersistentContext(profile, { executablePath: chromiumPath!, args: chromiumArgs });
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
    await hub?.close();
    if (profile) rmSync(profile, { recursive: true, force: true });
  });

  describe('keeps a run', () => {
    it('as memory does: files, folders, what is appended and cut', async () => {
      const tab = await Tab.open();
      const { here, memory } = await tab.ask('keepers');
      expect(here).toEqual(memory);
      expect(here.length).toBeGreaterThan(20);
    });

    it('and refuses paths that lead out of it, or into what it notes itself', async () => {
      const tab = await Tab.open();
      const errors = await tab.ask('badPaths');
      for (const error of errors) expect(error).toContain('run: must be given paths of names and slashes');
    });

    it('without half of anything where its tab is closed in the middle', async () => {
      const tab = await Tab.open();
      await tab.ask('interrupt');
      await tab.restart();
      const { found, again } = await tab.ask('afterInterrupt');
      expect(found).toEqual({ files: ['kept.txt', 'old', 'steps'], steps: [], kept: 'before', old: 'old' });
      expect(again).toEqual({
        files: ['kept.txt', 'new.txt', 'old', 'steps'],
        steps: ['2'],
        kept: 'after',
        half: 'again',
        old: 'newer',
      });
    });
  });

  describe('has a library of runs', () => {
    it('that tells how far each one came, and holds the files it was given', async () => {
      const tab = await Tab.open();
      const id = await tab.ask('createRun', { model: 'none' });
      expect(id).toMatch(/^demo-\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d$/);
      await tab.ask('work');
      const [run] = await tab.ask('listRuns');
      expect(run).toMatchObject({ id, name: 'demo', status: 'running', step: 13, of: 20, canGoOn: false });
      expect(run!.bytes).toBeGreaterThan(200);
      await tab.ask('end', 'done');
      expect(await tab.ask('listRuns')).toMatchObject([{ id, status: 'done' }]);
      expect(await tab.ask('removeRun', id)).toBeUndefined();
      expect(await tab.ask('listRuns')).toEqual([]);
      expect(await tab.ask('openRun', id)).toBe(
        `${id}: must be a run that this browser keeps, got none of that name. Choose one of the list, or start a new one.`,
      );
    });

    it('that never gives one name to two', async () => {
      const tab = await Tab.open();
      expect(new Set(await tab.ask('createTwo')).size).toBe(2);
      expect(await tab.ask('listRuns')).toHaveLength(2);
    });

    it('whose files lie where the experiment names them, and nowhere else', async () => {
      const tab = await Tab.open();
      const id = await tab.ask('taskAt', './tasks/mine.jsonl');
      expect(await tab.ask('filesOf', id)).toEqual({ names: ['experiment.yaml', 'tasks'], task: '{}' });
      for (const path of ['../x', '/x', 'http://x/y', 'circuits/x', 'events.jsonl', '.'])
        expect(await tab.ask('taskAt', path)).toContain(`${path}: must be a path in the folder of a run`);
      expect(await tab.ask('listRuns')).toHaveLength(1);
    });

    it('each of which one tab at a time may write, until it is closed', async () => {
      const tab = await Tab.open();
      const other = await Tab.open(tab);
      const id = await tab.ask('createRun');
      expect(await other.ask('openRun', id)).toBe(
        `${id}: must be open in one tab at a time, got a tab that has it already. Stop it there, or close that tab.`,
      );
      await tab.page.close();
      expect(await other.ask('listRuns')).toMatchObject([{ id, status: 'interrupted' }]);
      expect(await other.ask('openRun', id)).toMatchObject({ name: 'demo', methods: ['circuit', 'full'], steps: 10 });
    });
  });

  describe('keeps models', () => {
    it('of what they need and nothing else, and gives them back whole', async () => {
      const tab = await Tab.open();
      const { known, last } = await tab.ask('addModel', 'my model/1', { 'notes.txt': 'x', LICENSE: 'MIT' });
      expect(known).toMatchObject({ name: 'my model/1', from: 'files', isKept: true });
      expect(last).toBe(1);
      await tab.restart();
      expect(await tab.ask('listModels')).toEqual([known]);
      expect(await tab.ask('readModel', 'my model/1')).toEqual({ name: 'my model/1', L: 3 });
      expect(await tab.ask('readModel', 'another')).toBeUndefined();
      // over the one that was there
      expect((await tab.ask('addModel', 'my model/1')).known).toMatchObject({ name: 'my model/1' });
      expect(await tab.ask('listModels')).toHaveLength(1);
      expect(await tab.ask('removeModel', 'my model/1')).toBe(0);
      expect(await tab.ask('listModels')).toEqual([]);
    });

    it('but not what is no model', async () => {
      const tab = await Tab.open();
      const { known } = await tab.ask('addModel', 'bad', { 'config.json': '{}' });
      expect(known).toContain('bad/config.json');
      expect(await tab.ask('listModels')).toEqual([]);
    });
  });

  it('gives the room back of what was never finished', async () => {
    const tab = await Tab.open();
    await tab.ask('halves');
    await tab.restart();
    expect(await tab.ask('bytes')).toBe(2000);
    const id = await tab.ask('createRun');
    await tab.ask('addModel', 'gpt');
    await tab.ask('end', 'done');
    await tab.ask('removeRun', id);
    expect(await tab.ask('removeModel', 'gpt')).toBe(0);
    expect(await tab.ask('bytes')).toBe(0);
  });

  it('says what could go when its storage is full, and keeps what was whole', async () => {
    const tab = await Tab.open();
    await tab.ask('addModel', 'gpt');
    const id = await tab.ask('createRun');
    await tab.ask('begin');
    const client = await browser.newCDPSession(tab.page);
    await client.send('Storage.overrideQuotaForOrigin', { origin: tab.address, quotaSize: 2_000_000 });
    const { errors, ...left } = await tab.ask('fill', 8_000_000);
    for (const error of errors) {
      expect(error).toContain(`${id}: must fit into what the browser lets this page keep, got no room for more. `);
      expect(error).toMatch(/Remove what you no longer need: model gpt \(\d+ kB\), run demo-.* \(\d+ bytes\)\.$/);
    }
    expect(left).toMatchObject({ steps: [], events: 'one\n' });
    // even where not a byte is left
    await client.send('Storage.overrideQuotaForOrigin', { origin: tab.address, quotaSize: 1 });
    expect(await tab.ask('removeModel', 'gpt')).toBe(0);
    expect(left.names.toSorted()).toEqual(['checkpoints', 'events.jsonl', 'experiment.yaml']);
  });

  it('says before it writes where a model does not fit', async () => {
    const tab = await Tab.open();
    await tab.ask('addModel', 'gpt');
    await tab.ask('haveLeft', 100_000);
    const { known } = await tab.ask('addModel', 'second');
    expect(known).toMatch(
      /^second: must fit into .* got \d+ kB where 100 kB are left\. Remove .*: model gpt \(\d+ kB\)\.$/,
    );
    expect(await tab.ask('listModels')).toHaveLength(1);
  });

  describe('downloads a model', () => {
    const weights = Uint8Array.from({ length: 150_000 }, (_, i) => (i * i) % 251);
    beforeEach(() => {
      hub.files.clear();
      hub.files.set('config.json', new TextEncoder().encode('{}'));
      hub.files.set('LICENSE', new Uint8Array());
      hub.files.set('model.safetensors', weights);
      hub.files.set('model.onnx', weights);
      hub.asked.length = 0;
      hub.accidents.length = 0;
    });
    const asked = (): string[] => hub.asked.filter((it) => it.startsWith('model')).map((it) => it.split(' ')[1]!);

    it('in ranges, and goes on after a reload where it was stopped', async () => {
      const tab = await Tab.open();
      expect(await tab.ask('facts', hub.address)).toMatchObject({ id: 'org/tiny', bytes: 150_002, here: 0 });
      expect(await tab.ask('download', hub.address, 80_000)).toHaveProperty('failed');
      expect(await tab.ask('listModels')).toEqual([]);
      const { here, free } = await tab.ask('facts', hub.address);
      expect(here).toBe(80_002);
      expect(free).toBeGreaterThan(1e6);
      await tab.restart();
      hub.asked.length = 0;
      const { known, told } = await tab.ask('download', hub.address);
      expect(known).toEqual({ name: 'org/tiny', from: 'hub', bytes: 150_002, isKept: true });
      expect(told!.at(-1)).toBe(150_002);
      expect(asked()).toEqual(['80000-119999', '120000-149999']);
      expect(await tab.ask('hashOf', 'org/tiny', 'model.safetensors')).toBe(sha256(weights));
      expect(await tab.ask('listModels')).toEqual([known]);
      hub.asked.length = 0;
      await tab.ask('download', hub.address);
      expect(hub.asked).toEqual([]);
    });

    it('through cut connections, a busy hub and one that knows no ranges', async () => {
      const tab = await Tab.open();
      hub.accidents.push({ cut: 1 }, { status: 503 }, { status: 429 }, { cut: 10_000 }, { whole: true });
      expect(await tab.ask('download', hub.address)).toHaveProperty('known');
      expect(await tab.ask('hashOf', 'org/tiny', 'model.safetensors')).toBe(sha256(weights));
    });

    it('until it is given up, and then goes on from there', async () => {
      const tab = await Tab.open();
      await tab.ask('download', hub.address, 40_000);
      hub.accidents.push(...Array.from({ length: 6 }, () => ({ status: 500 })));
      const { failed } = await tab.ask('download', hub.address);
      expect(failed).toBe(
        'org/tiny/model.safetensors: the hub must send it, got 500 Internal Server Error. ' +
          'Check the connection and download it again: it goes on where it stopped.',
      );
      expect(await tab.ask('download', hub.address)).toHaveProperty('known');
    });

    it('anew where it has changed on the hub, or is not what the hub tells', async () => {
      const tab = await Tab.open();
      await tab.ask('download', hub.address, 80_000);
      const other = weights.toReversed();
      hub.files.set('model.safetensors', other);
      expect(await tab.ask('facts', hub.address)).toMatchObject({ here: 2 });
      hub.accidents.push({ instead: weights });
      expect((await tab.ask('download', hub.address)).failed).toBe(
        'org/tiny/model.safetensors: must have the sha256 that the hub tells, got another one. ' +
          'Download it again: it starts over.',
      );
      hub.accidents.push({ instead: weights.subarray(0, 1000) });
      expect((await tab.ask('download', hub.address)).failed).toContain(
        'org/tiny/model.safetensors: must be 150000 bytes long, as the hub tells, got 1000. ',
      );
      expect(await tab.ask('download', hub.address)).toHaveProperty('known');
      expect(await tab.ask('hashOf', 'org/tiny', 'model.safetensors')).toBe(sha256(other));
    });
  });
});
