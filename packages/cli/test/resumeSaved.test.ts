/** A run that a page kept goes on here: its files lie below it, under the names that its experiment uses. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '@circuit-tuning/core';
import { zipRun } from '@circuit-tuning/web/record';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { openFile } from '../src/files.js';
import { Interrupted } from '../src/interrupt.js';
import { prepare } from '../src/prepare.js';
import { main } from '../src/program.js';
import { readExperiment } from '../src/readExperiment.js';
import { runInFolder } from '../src/runInFolder.js';
import { openRunPlace } from '../src/runPlace.js';
import { workplace, type Workplace } from './tiny.js';

let place: Workplace;
beforeAll(async () => {
  place = await workplace();
});
afterAll(() => place.remove());

async function run(file: string, out: string, lastStep: number): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  for await (const event of runInFolder(await prepare(await readExperiment(file)), { out, argv: [], signal }))
    if (event.kind === 'step' && event.step === lastStep) controller.abort(new Interrupted('interrupted'));
}

/** What a page would have kept of the run in that folder. */
function asOfPage(folder: string): void {
  const change = (file: string, how: (text: string) => string): void =>
    writeFileSync(join(folder, file), how(readFileSync(join(folder, file), 'utf8')));
  mkdirSync(join(folder, 'tasks'));
  for (const file of [place.task, place.text]) copyFileSync(file, join(folder, 'tasks', file.split('/').at(-1)!));
  const data = { task: 'tasks/task.jsonl', keep: { text: 'tasks/text.jsonl' } };
  change('experiment.yaml', (text) => {
    const { output_dir: _, ...experiment } = parse(text) as Record<string, object>;
    return stringify({ ...experiment, model: 'my-model', data: { ...experiment['data'], ...data } });
  });
  change('manifest.json', (text) => {
    const manifest = JSON.parse(text) as Manifest;
    const hashes = Object.entries(manifest.data).map(([path, hash]) => [`tasks/${path.split('/').at(-1)!}`, hash]);
    const adapter = { ...manifest.adapter, name: 'a browser', backend: 'browser' };
    const model = { ...manifest.model, path: 'my-model' };
    return JSON.stringify({ ...manifest, adapter, model, data: Object.fromEntries(hashes) as object });
  });
}

it('a zip with checkpoints goes on to the bits of a run that was not interrupted', { timeout: 240_000 }, async () => {
  const experiment = place.at('experiment.yaml');
  const tuning = { methods: ['circuit'], steps: 4, every: 2, learning_rate: 0.05, batch_size: 4, save_every: 1 };
  writeFileSync(
    experiment,
    stringify({
      model: place.model,
      data: { task: 'task.jsonl', keep: { text: 'text.jsonl' } },
      discovery: { top_n: 12, batch_size: 4 },
      tuning,
      evaluation: { faithfulness: [], batch_size: 4 },
    }),
  );
  const [whole, cut] = [place.at('whole'), place.at('cut')];
  await run(experiment, whole, Infinity);
  await expect(run(experiment, cut, 2)).rejects.toThrow(Interrupted);
  asOfPage(cut);
  const files = {
    name: 'kept run',
    open: (path: string) => openFile(join(cut, path)),
    list: async (path: string) =>
      existsSync(join(cut, path)) && statSync(join(cut, path)).isDirectory() ? readdirSync(join(cut, path)) : [],
  };
  const zip = await zipRun(files, { checkpoints: true });
  writeFileSync(place.at('kept.zip'), new Uint8Array(await zip.arrayBuffer()));
  const unpacked = await openRunPlace(place.at('kept.zip'));

  let err = '';
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
  const argv = ['run', join(unpacked.folder, 'experiment.yaml'), '--resume', '--set', `model=${place.model}`];
  const code = await main(argv);
  vi.restoreAllMocks();
  expect(err).toContain('warning: this run was on a browser');
  expect([code, err.includes('error')]).toEqual([0, false]);
  const tuned = join('model', 'circuit', 'model.safetensors');
  expect(readFileSync(join(unpacked.folder, tuned)).equals(readFileSync(join(whole, tuned)))).toBe(true);
  expect(existsSync(join(unpacked.folder, 'report.html'))).toBe(true);
  await unpacked.remove();
});
