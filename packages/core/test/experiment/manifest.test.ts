/** manifest.json: what must be as it was for a run to go on, and what it says in the end. */
import { describe, expect, it } from 'vitest';
import {
  adapterNotice,
  keptManifest,
  memoryKeeper,
  NOT_HASHED,
  requireSameFiles,
  resumedManifest,
  withManifest,
  type Manifest,
  type RunEvent,
} from '../../src/index.js';

const hash = (digit: string): string => digit.repeat(64);
const manifest: Manifest = {
  format: 'circuit-tuning run 1',
  name: 'x',
  argv: [],
  versions: {},
  platform: 'here',
  adapter: { name: 'llvmpipe', vendor: 'mesa', backend: 'vulkan', isSoftware: true, features: [] },
  experiment: hash('e'),
  model: { path: 'model', files: { 'config.json': hash('1'), 'model.safetensors': hash('2') } },
  data: { 'tasks/a.jsonl': hash('3') },
  started: '2025-01-01T00:00:00.000Z',
  resumed: [],
  status: 'running',
};
const withWeights = (value: string): Manifest => ({
  ...manifest,
  model: { ...manifest.model, files: { ...manifest.model.files, 'model.safetensors': value } },
});

describe('a run that goes on', () => {
  const where = 'runs/x';
  it('must find the files it was started with, wherever the data is named from', () => {
    requireSameFiles(manifest, manifest, { where });
    const moved = { ...manifest, data: { '/there/tasks/a.jsonl': hash('3') } };
    requireSameFiles(manifest, moved, { where, resolve: (path) => `/there/${path}` });
    expect(() => requireSameFiles(manifest, moved, { where })).toThrow(
      'runs/x: /there/tasks/a.jsonl must be what the run was started with, got sha256 333333333333… instead of none…. ',
    );
    expect(() => requireSameFiles(manifest, withWeights(hash('9')), { where })).toThrow(
      'runs/x: model.safetensors must be what the run was started with, got sha256 999999999999… instead of ' +
        '222222222222…. Put the old file back, or start a new run.',
    );
  });

  it('takes a file on trust that was too large to be hashed, then or now', () => {
    for (const [old, now] of [
      [withWeights(NOT_HASHED), manifest],
      [manifest, withWeights(NOT_HASHED)],
    ] as const)
      expect(() => requireSameFiles(old, now, { where })).not.toThrow();
  });

  it('keeps when it began, and each time it was taken up', () => {
    const then = { ...manifest, resumed: ['2025-01-02'], status: 'interrupted' as const, ended: '2025-01-03' };
    const now = resumedManifest(then, { ...manifest, started: '2025-01-04', platform: 'there' });
    expect(now).toMatchObject({ started: manifest.started, resumed: ['2025-01-02', '2025-01-04'], platform: 'there' });
    expect([now.status, now.ended]).toEqual(['running', undefined]);
  });

  it('says so on another adapter, where bits do not repeat', () => {
    expect(adapterNotice(manifest, { ...manifest, platform: 'there' })).toBeUndefined();
    const other = { ...manifest, adapter: { ...manifest.adapter, name: 'lovelace', vendor: 'nvidia' } };
    expect(adapterNotice(manifest, other)).toBe(
      'this run was on llvmpipe (mesa, vulkan) and goes on on lovelace (nvidia, vulkan): it is as good, but numbers may ' +
        'differ in their last digits from those of an uninterrupted run',
    );
  });
});

describe('the manifest of a run', () => {
  const done: RunEvent = { t: 0, kind: 'done', method: 'full', moved: 1, tuned_max: 1, steps: 1, seconds: 1 };
  async function* events(error?: Error): AsyncGenerator<RunEvent> {
    yield done;
    if (error) throw error;
  }
  const start = (from: AsyncGenerator<RunEvent>) => {
    const keeper = memoryKeeper(() => Promise.resolve(''));
    const abort = new AbortController();
    const told = withManifest(from, { keeper, manifest, signal: abort.signal });
    return { told, abort, status: async () => (await keptManifest(keeper))?.status };
  };
  const all = async (from: AsyncGenerator<RunEvent>): Promise<void> => {
    for await (const event of from) void event;
  };

  it('is there before the first event, and says how the run ended', async () => {
    const { told, status } = start(events());
    expect(await status()).toBeUndefined();
    expect(await told.next()).toEqual({ done: false, value: done });
    expect(await status()).toBe('running');
    await all(told);
    expect(await status()).toBe('done');
  });

  it('tells a failure from an interruption, and passes on why', async () => {
    const failed = start(events(new Error('no memory')));
    await expect(all(failed.told)).rejects.toThrow('no memory');
    expect(await failed.status()).toBe('failed');
    const stopped = start(events(new Error('stop')));
    stopped.abort.abort();
    await expect(all(stopped.told)).rejects.toThrow('stop');
    expect(await stopped.status()).toBe('interrupted');
  });

  it('calls a run interrupted that nobody asks any more', async () => {
    const { told, status } = start(events());
    await told.next();
    await told.return(undefined);
    expect(await status()).toBe('interrupted');
  });

  it('that cannot be written hides no error', async () => {
    const keeper = memoryKeeper(() => Promise.resolve(''));
    let writes = 0;
    const full = { ...keeper, write: () => (writes++ === 0 ? Promise.resolve() : Promise.reject(new Error('full'))) };
    const { signal } = new AbortController();
    const told = withManifest(events(new Error('no memory')), { keeper: full, manifest, signal });
    await expect(all(told)).rejects.toThrow('no memory');
    expect(writes).toBe(2);
  });
});
