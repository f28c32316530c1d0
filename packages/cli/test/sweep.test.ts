/** A sweep of a tiny random model on a real process: killed in the middle, gone on with, gathered. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SweepFolder } from '../src/sweep/sweepFolder.js';
import { workplace, type Workplace } from './tiny.js';

const cli = fileURLToPath(new URL('../../../scripts/cli.mjs', import.meta.url));
let place: Workplace;
beforeAll(async () => {
  place = await workplace();
});
afterAll(() => place.remove());

const experiment = (): object => ({
  name: 'tiny-sweep',
  model: place.model,
  data: { task: place.task, keep: { text: place.text } },
  discovery: { top_n: 8, batch_size: 4 },
  tuning: { steps: 4, every: 2, batch_size: 4, evaluate_every: 4, save_every: 1, max_norm: 1 },
  evaluation: { faithfulness: [], batch_size: 4 },
  sweep: {
    cells: { 'tuning.methods': ['circuit', 'lora'] },
    seeds: [1, 2],
    learning_rate: { grid: [0.01, 1e30], steps: 2, seed: 7, better: 'higher', bound: 2 },
  },
});

/** Types a command; kills the process outright once its stderr holds that text. */
function type(argv: readonly string[], until?: string): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [cli, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
      if (until !== undefined && err.includes(until)) child.kill('SIGKILL');
    });
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

/** Every file below a folder with what would tell that it was written again. */
const prints = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path, `${statSync(path).mtimeMs} ${statSync(path).ino}`]),
  );

test('a sweep that was killed goes on, and no finished cell is touched', { timeout: 240_000 }, async () => {
  const file = place.at('sweep.yaml');
  writeFileSync(file, JSON.stringify(experiment()));
  const out = place.at('swept');
  const argv = ['run', file, '--out', out];
  const killed = await type(argv, 'cells/methods=circuit,seed=2');
  expect(killed.code).toBe(null);
  const finished = [
    'rates/methods=circuit,rate=0.01',
    'rates/methods=circuit,rate=1e+30',
    'cells/methods=circuit,seed=1',
  ];
  const before = finished.map((name) => prints(join(out, name)));
  expect(existsSync(join(out, 'rates/methods=circuit,rate=1e+30/diverged.json'))).toBe(true);
  expect(existsSync(join(out, 'cells/methods=lora,seed=1'))).toBe(false);

  const refused = await type(argv);
  expect(refused.err).toContain('must be a new or an empty folder');
  const resumed = await type([...argv, '--resume']);
  expect(resumed.err).not.toContain('seed=1 goes on');
  expect(resumed.code).toBe(0);
  expect(finished.map((name) => prints(join(out, name)))).toEqual(before);

  const results = JSON.parse(readFileSync(join(out, 'results.json'), 'utf8')) as {
    rows: { values: { methods: string }; learning_rate: number; seeds: number }[];
    differences: { values: object; with: string; numbers: { target: { n: number } } }[];
  };
  expect(results.rows).toMatchObject([
    { values: { methods: 'circuit' }, learning_rate: 0.01, seeds: 2, diverged: 0 },
    { values: { methods: 'lora' }, learning_rate: 0.01, seeds: 2 },
  ]);
  expect(results.differences).toMatchObject([
    { values: { methods: 'lora' }, with: 'circuit', numbers: { target: { n: 2 } } },
  ]);
  const table = readFileSync(join(out, 'table.md'), 'utf8');
  expect(table).toContain(
    'Every row has its own learning rate, of 0.01, 1e+30: each was tried for 2 steps with seed 7',
  );
  expect(resumed.out).toContain(table);
  expect(readFileSync(join(out, 'results.csv'), 'utf8')).toMatch(
    /^methods,learning rate,target,target: low,target: high,/,
  );
  expect(readFileSync(join(out, 'sweep.html'), 'utf8')).toContain('<svg');

  // adapters lie beside the merged model, for PEFT
  expect(readdirSync(join(out, 'cells/methods=lora,seed=1/adapter/lora')).toSorted()).toEqual([
    'adapter_config.json',
    'adapter_model.safetensors',
  ]);

  // what is there already costs no device
  const again = await type([...argv, '--resume']);
  expect(again.err).not.toContain('finding the circuit');
  expect(again.out).toContain(table);
});

test('a sweep goes on as what it was, and a folder that a kill left empty begins anew', async () => {
  const path = place.at('other');
  await SweepFolder.open(path, 'a: 1\n', false);
  await expect(SweepFolder.open(path, 'a: 2\n', true)).rejects.toThrow(
    'must go on with the sweep that was started here, got another one. Give the same file and settings',
  );
  await expect(SweepFolder.open(place.at('none'), 'a: 2\n', true)).rejects.toThrow('got no sweep.yaml');
  const folder = await SweepFolder.open(path, 'a: 1\n', true);
  mkdirSync(folder.at('cells/x'), { recursive: true });
  expect(await folder.state('cells/x')).toEqual({ is: 'missing' });
});
