/** A run as one file: what goes in comes out, and what is no such file is refused in words. */
import { memoryKeeper, memorySource, textFile, type Source } from '@circuit-tuning/core';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { droppedFiles, pickedFiles } from '../../src/record/picked.js';
import { filesAt, openRun, runAmong, unzipRun, zipRun, type RunFiles } from '../../src/record/index.js';

const sha256 = async (): Promise<string> => '';
const tensors = Uint8Array.from({ length: 10_000 }, (_, i) => i % 7);
const event = '{"t":0,"kind":"step","method":"circuit","step":1,"loss":2,"lr":1,"tuned":3}\n';

async function demo(): Promise<RunFiles> {
  const keeper = memoryKeeper(sha256);
  await keeper.write([
    textFile('experiment.yaml', 'name: demo\n'),
    textFile('events.jsonl', event.repeat(100)),
    textFile('tasks/mine.jsonl', '{}\n'),
    {
      name: 'circuits/before.safetensors',
      chunks: async function* () {
        yield tensors;
      },
    },
    textFile('checkpoints/circuit/step-000001/state.json', '{}'),
  ]);
  return { ...keeper, name: '/runs/demo' };
}

const text = async (source: Source | undefined): Promise<string | undefined> =>
  source && new TextDecoder().decode(await source.read(0, source.size));

describe('a run that is saved as a zip', () => {
  it('comes out as it went in, without its checkpoints', async () => {
    const zip = await zipRun(await demo());
    const run = await unzipRun(zip, 'demo.zip');
    expect((await run.list('')).toSorted()).toEqual(['circuits', 'events.jsonl', 'experiment.yaml', 'tasks']);
    expect(await run.list('circuits')).toEqual(['before.safetensors']);
    expect(await run.list('circ')).toEqual([]);
    expect(await text(await run.open('events.jsonl'))).toBe(event.repeat(100));
    expect(await text(await run.open('tasks/mine.jsonl'))).toBe('{}\n');
    expect(await run.open('circuits')).toBeUndefined();
    expect((await openRun(run)).record.events).toHaveLength(100);
  });

  it('holds checkpoints where they are asked for', async () => {
    const run = await unzipRun(await zipRun(await demo(), { checkpoints: true }), 'demo.zip');
    expect(await text(await run.open('checkpoints/circuit/step-000001/state.json'))).toBe('{}');
  });

  it('lies in a folder of its name, where other programs find it whole', async () => {
    const files = unzipSync(new Uint8Array(await (await zipRun(await demo())).arrayBuffer()));
    expect(Object.keys(files)).toContain('demo/events.jsonl');
    expect(files['demo/circuits/before.safetensors']).toEqual(tensors);
  });

  it('holds tensors as they are, which are read from their middle without the rest', async () => {
    const bytes = new Uint8Array(await (await zipRun(await demo())).arrayBuffer());
    const tensor = await (await unzipRun(bytes, 'demo.zip')).open('circuits/before.safetensors');
    expect(tensor).toMatchObject({ name: 'demo.zip/demo/circuits/before.safetensors', size: 10_000 });
    expect([...(await tensor!.read(5000, 3))]).toEqual([...tensors.subarray(5000, 5003)]);
    expect(await tensor!.read(9_999, 100)).toHaveLength(1);
    expect(await tensor!.read(20_000, 100)).toHaveLength(0);
  });

  it('is refused before it is read where no zip can hold it', async () => {
    const whole = await demo();
    const large: RunFiles = {
      ...whole,
      open: async (path) =>
        path.endsWith('.safetensors') ? { ...memorySource(path, tensors), size: 5e9 } : whole.open(path),
    };
    await expect(zipRun(large)).rejects.toThrow(
      '/runs/demo: must fit into a zip file of 4 GiB, got 4.7 GiB. Save it without its checkpoints',
    );
  });

  it('may come from another program, packed or with a comment at its end', async () => {
    const packed = zipSync({ 'events.jsonl': strToU8(event) });
    const comment = Uint8Array.of(...packed.subarray(0, -2), 2, 0, 65, 66);
    for (const zip of [packed, comment]) {
      const run = await unzipRun(zip as Uint8Array<ArrayBuffer>, 'x.zip');
      expect(await text(await run.open('events.jsonl'))).toBe(event);
    }
  });
});

describe('what is no zip of a run', () => {
  const open = (bytes: Uint8Array): Promise<RunFiles> => unzipRun(bytes as Uint8Array<ArrayBuffer>, 'x.zip');

  it('is refused where it is another kind of file, or empty', async () => {
    const other = 'x.zip: must be a whole zip file, got another kind of file. Save it from the page once more';
    await expect(open(strToU8('not a zip at all, but some text'))).rejects.toThrow(other);
    await expect(open(new Uint8Array())).rejects.toThrow(other);
  });

  it('is refused wherever it is cut off', async () => {
    const whole = new Uint8Array(await (await zipRun(await demo())).arrayBuffer());
    for (const share of [0.1, 0.5, 0.9, 0.999])
      await expect(open(whole.subarray(0, Math.floor(whole.length * share)))).rejects.toThrow(
        'x.zip: must be a whole zip file, got one that is cut off.',
      );
    await expect(open(whole.subarray(100))).rejects.toThrow('must be a whole zip file');
  });

  it('is refused where what is packed is damaged', async () => {
    const zip = zipSync({ 'events.jsonl': strToU8(event.repeat(100)) });
    zip.fill(255, 45, 60);
    await expect((await open(zip)).open('events.jsonl')).rejects.toThrow(
      'x.zip/events.jsonl: must be a whole zip file, got one that is damaged.',
    );
  });

  it('is refused where it would be unpacked elsewhere', async () => {
    for (const path of ['../events.jsonl', 'a/../../events.jsonl', '/etc/events.jsonl', 'C:\\events.jsonl', '..\\x'])
      await expect(open(zipSync({ [path]: strToU8(event) }))).rejects.toThrow(
        `x.zip: must hold files of its own folder only, got ${JSON.stringify(path)}. Do not unpack it`,
      );
  });

  it('is refused where it holds no run, or several', async () => {
    await expect(open(zipSync({ 'notes.txt': strToU8('x') }))).rejects.toThrow(
      'x.zip: must hold one run of circuit-tuning, with its events.jsonl, got none. Open the folder that',
    );
    const two = zipSync({ 'a/events.jsonl': strToU8(event), 'b/events.jsonl': strToU8(event) });
    await expect(open(two)).rejects.toThrow('got 2: a/, b/. Open one of these folders.');
  });
});

describe('files of a person', () => {
  it('are a run where one is among them, however deep it lies', async () => {
    const file = (path: string, content: string): File =>
      Object.assign(new File([content], path.split('/').at(-1)!), { webkitRelativePath: path });
    const files = pickedFiles([file('runs/demo/events.jsonl', event), file('runs/demo/circuits/before.json', '{}')]);
    const run = await filesAt({ files });
    expect(run.name).toBe('runs');
    expect(await text(await run.open('circuits/before.json'))).toBe('{}');
    await expect(filesAt({ files: pickedFiles([file('notes.txt', '')]) })).rejects.toThrow(
      'notes.txt: must hold one run',
    );
  });

  it('may be dropped as folders, of which browsers give a hundred entries at a time', async () => {
    const fileEntry = (fullPath: string) => ({
      isFile: true,
      fullPath,
      file: (take: (file: File) => void) => take(new File([event], fullPath.split('/').at(-1)!)),
    });
    const folder = (fullPath: string, ...batches: object[][]) => ({
      isFile: false,
      fullPath,
      createReader: () => ({ readEntries: (take: (entries: object[]) => void) => take(batches.shift() ?? []) }),
    });
    const deep = folder('/demo/circuits', [fileEntry('/demo/circuits/before.json')]);
    const dropped = [folder('/demo', [fileEntry('/demo/events.jsonl')], [deep]), fileEntry('/beside.txt'), null];
    const items = dropped.map((entry) => ({ webkitGetAsEntry: () => entry }));
    const files = await droppedFiles(items as unknown as DataTransferItemList);
    expect(files.map(({ path }) => path)).toEqual(['demo/events.jsonl', 'demo/circuits/before.json', 'beside.txt']);
    expect(await (await filesAt({ files })).list('circuits')).toEqual(['before.json']);
  });

  it('are a run before its first event too', async () => {
    const run = runAmong('x', ['experiment.yaml', 'other.txt'], (path) => memorySource(path, new Uint8Array()));
    expect(await run.list('')).toEqual(['experiment.yaml', 'other.txt']);
  });
});
