import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheFolder, modelFolder } from '../src/modelFolder.js';

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'cache-'));
  const place = join(cache, 'models--org--tiny');
  mkdirSync(join(place, 'snapshots', 'abc'), { recursive: true });
  mkdirSync(join(place, 'refs'));
  writeFileSync(join(place, 'refs', 'main'), 'abc\n');
  mkdirSync(join(cache, 'models--gpt2', 'snapshots', 'def'), { recursive: true });
});
afterEach(() => rmSync(cache, { recursive: true }));
const find = (name: string) => modelFolder(name, { HF_HUB_CACHE: cache });

describe('the folder of a model', () => {
  it('is the folder that was named, before any cache', async () => {
    expect(await find(cache)).toBe(cache);
  });

  it('is found in the Hugging Face cache by name, and by revision', async () => {
    expect(await find('org/tiny')).toBe(join(cache, 'models--org--tiny/snapshots/abc'));
    expect(await find('org/tiny@main')).toBe(join(cache, 'models--org--tiny/snapshots/abc'));
    expect(await find('gpt2@def')).toBe(join(cache, 'models--gpt2/snapshots/def'));
  });

  it('is asked for with the command that gets it', async () => {
    await expect(find('org/other')).rejects.toThrow(
      `org/other: must be a model folder, or in the Hugging Face cache, got nothing at ${cache}/models--org--other. ` +
        'Get it with `hf download org/other`, or give the folder of a model.',
    );
    await expect(find('org/tiny@v2')).rejects.toThrow(
      'got other revisions only: abc. Get it with `hf download org/tiny --revision v2`, or give',
    );
  });

  it.each(['../x/y/z', '/no/such/folder', 'org/tiny@../../x', 'org/..', ''])(
    'is never looked for at %j',
    async (name) => {
      await expect(find(name)).rejects.toThrow(
        'must be a model folder, or the name of a model on the Hugging Face Hub',
      );
    },
  );

  it('is looked for where huggingface_hub would', () => {
    const all = { HF_HUB_CACHE: '/a', HUGGINGFACE_HUB_CACHE: '/b', HF_HOME: '/c', XDG_CACHE_HOME: '/d' };
    const { HF_HUB_CACHE: _a, ...b } = all;
    const { HUGGINGFACE_HUB_CACHE: _b, ...c } = b;
    const { HF_HOME: _c, ...d } = c;
    expect([all, b, c, d, {}].map(cacheFolder)).toEqual([
      '/a',
      '/b',
      '/c/hub',
      '/d/huggingface/hub',
      join(homedir(), '.cache/huggingface/hub'),
    ]);
  });
});
