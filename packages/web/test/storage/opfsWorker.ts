/** The worker of opfs.browser.test.ts: scenes with the browser's own storage, which tell what came of them. */
import { memoryKeeper, openModel, textFile, type Keeper, type OutputFile } from '@circuit-tuning/core';
import { webSha256 } from '../../src/run.js';
import {
  browserStorage,
  download,
  hubFacts,
  hubModel,
  models,
  opfsKeeper,
  runs,
  type BrowserStorage,
  type NewRun,
  type OwnRun,
} from '../../src/storage/index.js';
import { writeWhole } from '../../src/storage/folders.js';
import { bytesBelow } from '../../src/storage/handles.js';
import { fillFile } from '../../src/storage/wholeFile.js';

const storage = async (): Promise<BrowserStorage> => (await browserStorage())!;

const text = async (keeper: Pick<Keeper, 'open'>, path: string): Promise<string | undefined> => {
  const source = await keeper.open(path);
  return source && new TextDecoder().decode(await source.read(0, source.size));
};
const bytes = (content: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(content);

/** A tab that is closed in the middle of writing: the first half comes, the second never does. */
const half = (name: string, begun: () => void): OutputFile => ({
  name,
  async *chunks() {
    yield bytes('half of it');
    begun();
    await new Promise(() => {});
  },
});

/** What a keeper does, whichever it is. */
async function semantics(keeper: Keeper): Promise<unknown[]> {
  const told: unknown[] = [];
  const look = async (...paths: string[]): Promise<void> => {
    for (const path of paths)
      told.push([path, path && (await text(keeper, path)), (await keeper.list(path)).toSorted()]);
  };
  await look('a.txt', 'folder', 'folder/b.txt', '');
  await keeper.write([textFile('a.txt', 'first and long'), textFile('folder/deep/b.txt', 'b')]);
  await look('', 'a.txt', 'folder', 'folder/deep', 'folder/deep/b.txt');
  const before = await keeper.open('a.txt');
  await keeper.write([textFile('a.txt', 'second')]);
  told.push(before?.size);
  await look('', 'a.txt');
  await keeper.append('events.jsonl', bytes('one\n'));
  const source = await keeper.open('events.jsonl');
  await keeper.append('events.jsonl', bytes('two\n'));
  told.push(source?.size, [...(await source!.read(1, 2))], [...(await source!.read(2, 100))]);
  await look('events.jsonl');
  await keeper.truncate('events.jsonl', 5);
  await keeper.truncate('new/empty.txt', 0);
  await look('events.jsonl', 'new/empty.txt', 'new');
  await keeper.writeFolder('x/whole', [textFile('1', 'one'), textFile('2', 'two')]);
  await look('x', 'x/whole', 'x/whole/1');
  // over itself, again and again
  for (const content of ['a', 'b', 'c']) {
    await keeper.writeFolder('x/whole', [textFile('1', content)]);
    await keeper.write([textFile('x/whole/beside', content)]);
    await look('x', 'x/whole', 'x/whole/1', 'x/whole/2');
  }
  await keeper.removeFolder('x/whole');
  await look('x/whole', 'x/whole/1', 'x');
  return told;
}

let owned: OwnRun | undefined;
const run = (more: Partial<NewRun> = {}): NewRun => ({
  name: 'demo',
  experiment: 'name: demo\n',
  methods: ['circuit', 'full'],
  steps: 10,
  files: [],
  ...more,
});
const event = (kind: string, method: string, step: number): string =>
  `${JSON.stringify({ t: 0, kind, method, step, loss: 1, lr: 1, moved: 0, tuned_max: 0, steps: 10, seconds: 1 })}\n`;
const failed = (error: unknown): string => (error as Error).message;

const scenes = {
  async keepers() {
    const root = await (await storage()).runs.getDirectoryHandle('semantics', { create: true });
    return {
      here: await semantics(opfsKeeper(root, 'run', webSha256)),
      memory: await semantics(memoryKeeper(webSha256)),
    };
  },

  async badPaths() {
    const keeper = opfsKeeper((await storage()).runs, 'run', webSha256);
    const paths = ['../up', 'a//b', '/a', '.~unfinished~a', 'a/.'];
    return Promise.all(paths.map((path) => keeper.write([textFile(path, '')]).catch(failed)));
  },

  /** Leaves three writes in their middle. */
  async interrupt() {
    const root = await (await storage()).runs.getDirectoryHandle('cut', { create: true });
    const keeper = opfsKeeper(root, 'run', webSha256);
    await keeper.write([textFile('kept.txt', 'before')]);
    await keeper.writeFolder('old', [textFile('1', 'old')]);
    await Promise.all([
      new Promise<void>((begun) => void keeper.write([half('kept.txt', begun)])),
      new Promise<void>((begun) => void keeper.write([half('new.txt', begun)])),
      new Promise<void>((begun) => void keeper.writeFolder('steps/2', [textFile('1', 'new'), half('2', begun)])),
      new Promise<void>((begun) => void keeper.writeFolder('old', [textFile('1', 'new'), half('2', begun)])),
    ]);
  },
  async afterInterrupt() {
    const root = await (await storage()).runs.getDirectoryHandle('cut');
    const keeper = opfsKeeper(root, 'run', webSha256);
    const look = async (): Promise<unknown> => ({
      files: (await keeper.list('')).toSorted(),
      steps: await keeper.list('steps'),
      kept: await text(keeper, 'kept.txt'),
      half: await text(keeper, 'steps/2/1'),
      old: await text(keeper, 'old/1'),
    });
    const found = await look();
    await keeper.writeFolder('steps/2', [textFile('1', 'again')]);
    await keeper.writeFolder('old', [textFile('1', 'newer')]);
    await keeper.write([textFile('kept.txt', 'after'), textFile('new.txt', 'new')]);
    return { found, again: await look() };
  },

  async createRun(more?: Partial<NewRun>) {
    owned = await runs(await storage()).create(run(more));
    return owned.id;
  },
  async createTwo() {
    const library = runs(await storage());
    const both = await Promise.all([library.create(run()), library.create(run())]);
    for (const { close } of both) close();
    return both.map(({ id }) => id);
  },
  async openRun(id: string) {
    try {
      owned = await runs(await storage()).open(id);
      return owned.asked;
    } catch (error) {
      return failed(error);
    }
  },
  async work() {
    await owned!.keeper.append('events.jsonl', bytes(event('step', 'circuit', 10) + event('done', 'circuit', 10)));
    await owned!.keeper.append('events.jsonl', bytes(event('step', 'full', 3)));
  },
  async end(how: 'done') {
    await owned!.ended(how);
    owned!.close();
  },
  async listRuns() {
    return runs(await storage()).list();
  },
  async filesOf(id: string) {
    const files = await runs(await storage()).files(id);
    return { names: (await files.list('')).toSorted(), task: await text(files, 'tasks/mine.jsonl') };
  },
  async removeRun(id: string) {
    return runs(await storage())
      .remove(id)
      .catch(failed);
  },
  async taskAt(path: string) {
    const files = [{ path, file: new Blob(['{}']) }];
    return runs(await storage())
      .create(run({ files }))
      .then(({ id }) => id, failed);
  },

  async addModel(name: string, extra: Record<string, string> = {}) {
    const names = ['config.json', 'tokenizer.json', 'model.safetensors'].filter((file) => !(file in extra));
    const files = await Promise.all(
      names.map(async (file) => new File([await (await fetch(`/${file}`)).blob()], file)),
    );
    const more = Object.entries(extra).map(([file, content]) => new File([content], file));
    const told: number[] = [];
    const onProgress = (done: number, of: number): number => told.push(done / of);
    const known = await models(await storage())
      .add(name, [...files, ...more], { onProgress })
      .catch(failed);
    return { known, last: told.at(-1) };
  },
  /** A tab that is closed while it takes a run and a model. */
  async halves() {
    const { runs, models } = await storage();
    await Promise.all(
      [runs, models].map((parent) => {
        return new Promise<void>((begun) => {
          void writeWhole(parent, 'half', async (folder) => {
            await fillFile(folder, 'some', textFile('some', 'x'.repeat(1000)));
            begun();
            await new Promise(() => {});
          });
        });
      }),
    );
  },
  async bytes() {
    const { runs, models } = await storage();
    return (await bytesBelow(runs)) + (await bytesBelow(models));
  },
  async listModels() {
    return models(await storage()).list();
  },
  async readModel(name: string) {
    const folder = await models(await storage()).open(name);
    return folder && { name: folder.name, L: (await openModel(folder)).config.L };
  },
  async removeModel(name: string) {
    await models(await storage()).remove(name);
    return bytesBelow((await storage()).models);
  },

  /** Chromium tells every page of 10 GB, whatever it has. */
  haveLeft(quota: number) {
    navigator.storage.estimate = async () => ({ usage: 0, quota });
  },
  async begin() {
    await owned!.keeper.append('events.jsonl', bytes('one\n'));
  },
  async fill(size: number) {
    const { keeper } = owned!;
    const file: OutputFile = {
      name: 'big',
      async *chunks() {
        for (let i = 0; i < 8; i++) yield new Uint8Array(size / 8);
      },
    };
    const errors = [
      await keeper.write([file]).catch(failed),
      await keeper.writeFolder('checkpoints/circuit/step-1', [file]).catch(failed),
      await keeper.append('events.jsonl', new Uint8Array(size)).catch(failed),
    ];
    return {
      errors,
      names: await keeper.list(''),
      steps: await keeper.list('checkpoints/circuit'),
      events: await text(keeper, 'events.jsonl'),
    };
  },

  async facts(hub: string) {
    return hubFacts(await hubModel('org/tiny', { hub }), await storage());
  },
  async download(hub: string, stopAt = Infinity) {
    const stop = new AbortController();
    const told: number[] = [];
    try {
      const known = await download(await hubModel('org/tiny', { hub }), await storage(), {
        hub,
        signal: stop.signal,
        range: 40_000,
        patience: 1,
        onProgress(done) {
          told.push(done);
          if (done >= stopAt) stop.abort();
        },
      });
      return { known, told };
    } catch (error) {
      return { failed: failed(error), told };
    }
  },
  async hashOf(name: string, file: string) {
    const source = await (await models(await storage()).open(name))?.open(file);
    return source && webSha256(await source.read(0, source.size));
  },
};

export type Scenes = typeof scenes;

async function act({ data }: MessageEvent<{ scene: keyof Scenes; args: never[] }>): Promise<void> {
  try {
    postMessage({ result: await (scenes[data.scene] as (...args: never[]) => unknown)(...data.args) });
  } catch (error) {
    postMessage({ error: failed(error) });
  }
}

export default (): void => globalThis.addEventListener('message', (event) => void act(event));
