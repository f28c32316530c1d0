/** Runs that the lab saved: looked at, reported on, gone on with. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { serveLab } from '@circuit-tuning/testkit';
import { zipRun, type RunFiles } from '@circuit-tuning/web/record';
import { openFile } from '../src/files.js';
import { openRunPlace } from '../src/runPlace.js';
import { syntheticRun } from './report/syntheticRun.js';
import { type } from './typed.js';

const folder = mkdtempSync(join(tmpdir(), 'saved-'));
const at = (name: string): string => join(folder, name);
const filesOf = (path: string): RunFiles => ({
  name: path,
  open: (file) => openFile(join(path, file)),
  list: async (inside) => {
    const place = join(path, inside);
    return existsSync(place) && statSync(place).isDirectory() ? readdirSync(place) : [];
  },
});

beforeAll(async () => {
  mkdirSync(at('run'));
  syntheticRun(at('run'), { methods: ['circuit'], isCutOff: true });
  writeFileSync(at('run.zip'), new Uint8Array(await (await zipRun(filesOf(at('run')))).arrayBuffer()));
  writeFileSync(at('not.zip'), 'not a zip');
  mkdirSync(at('empty'));
  mkdirSync(at('other'));
  writeFileSync(at('other/notes.txt'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

describe('a saved run', () => {
  it('is a folder as it lies, or a zip unpacked to where it is forgotten', async () => {
    const folderPlace = await openRunPlace(at('run'));
    expect(folderPlace).toMatchObject({ name: 'run', folder: at('run'), isZip: false });
    await folderPlace.remove();
    expect(existsSync(at('run'))).toBe(true);

    const place = await openRunPlace(at('run.zip'));
    expect(place).toMatchObject({ name: 'run', isZip: true });
    for (const file of ['events.jsonl', 'circuits/before.json'])
      expect(readFileSync(join(place.folder, file)).equals(readFileSync(join(at('run'), file)))).toBe(true);
    await place.remove();
    expect(existsSync(place.folder)).toBe(false);
  });

  it.each([
    ['nowhere', /nowhere: must exist, got nothing of that name\. Check the path\.\n/],
    ['empty', /empty: must be the folder of a run, with its events\.jsonl, got an empty one\. Give the folder that/],
    ['other', /other: must be the folder of a run, with its events\.jsonl, got one that holds notes\.txt\. Give/],
    ['not.zip', /not\.zip: must be a whole zip file, got another kind of file\. /],
  ])('must be one: %s', async (name, message) => {
    for (const command of ['lab', 'report']) {
      const { code, out, err } = await type(command, at(name));
      expect(err).toMatch(message);
      expect([code, out]).toEqual([2, '']);
    }
  });
});

describe('report', () => {
  it('writes report.html into the folder of a run, also of one that broke off', async () => {
    expect(await type('report', at('run'))).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringContaining('report.html'),
    });
    expect(readFileSync(at('run/report.html'), 'utf8')).toContain('circuit-tuning report');
  });

  it('writes it beside a zip, or where it is told to', async () => {
    expect((await type('report', at('run.zip'))).code).toBe(0);
    expect(readdirSync(folder)).toContain('run.report.html');
    const { out } = await type('report', at('run.zip'), '--out', at('elsewhere.html'));
    expect(out).toContain('elsewhere.html\n');
    expect(readFileSync(at('elsewhere.html')).equals(readFileSync(at('run.report.html')))).toBe(true);
  });
});

describe('lab', () => {
  it('says what is wrong with a flag', async () => {
    expect((await type('lab', '--port', 'x')).err).toBe(
      'error: --port: must be a whole number from 0, got "x". Give 0 or more.\n',
    );
    expect((await type('lab', '--port', '70000')).err).toBe(
      'error: --port: must be a port, at most 65535, got 70000. Give one from 1024, or 0 for any that is free.\n',
    );
    expect((await type('lab', '--help')).out).toMatch(/serve the lab.*--port <number>.*--host <address>.*--open/s);
  });

  it('serves the page and a run until Ctrl-C', { timeout: 120_000 }, async () => {
    const { url, stop } = await serveLab(at('run.zip'));
    const page = await fetch(url);
    expect(page.headers.get('content-security-policy')).toContain(
      "default-src 'self'; connect-src 'self' https://huggingface.co",
    );
    expect(await page.text()).toContain('<script type="module" src="page.js">');
    for (const path of [
      'page.js',
      'page.css',
      'worker.js',
      'serviceWorker.js',
      'embedded/lab.yaml',
      'run/events.jsonl',
    ])
      expect([path, (await fetch(new URL(path, url))).status]).toEqual([path, 200]);
    expect(await stop()).toBe(0);
  });
});
