/** `--dtype f16` and the same key of experiments: half the memory, nearly the same numbers, and nothing is tuned in it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { workplace, type Workplace } from './tiny.js';
import { json, on, type } from './typed.js';

let place: Workplace;
beforeAll(async () => {
  place = await workplace('llama');
});
afterAll(() => place.remove());

it('changes what evaluate measures, by little, and not what f32 means', async () => {
  const lossOf = async (...flags: string[]): Promise<number> =>
    (json(await type('evaluate', ...on(place), ...flags, '--json')) as { loss: number }).loss;
  const [f32, plain, f16] = [await lossOf('--dtype', 'f32'), await lossOf(), await lossOf('--dtype', 'f16')];
  expect(plain).toBe(f32);
  expect(Math.abs(f16 - f32)).toBeGreaterThan(1e-8);
  expect(Math.abs(f16 - f32)).toBeLessThan(1e-3);
});

it('finds the edges that f32 finds, and goes on with a prompt', async () => {
  const edges = async (dtype: string): Promise<string[]> => {
    const out = place.at(`found-${dtype}`);
    expect(await type('discover', ...on(place), '--top-n', '8', '--dtype', dtype, '--out', out)).toMatchObject({
      code: 0,
    });
    const { edges: all } = JSON.parse(readFileSync(`${out}/graph.json`, 'utf8')) as {
      edges: Record<string, { in_graph: boolean }>;
    };
    return Object.keys(all).filter((name) => all[name]!.in_graph);
  };
  const found = await edges('f16');
  expect(found).toHaveLength(8);
  expect(found).toEqual(await edges('f32'));
  const prompt = ['generate', '--model', place.model, '--tokens', '1,2', '--max-tokens', '3', '--json'];
  expect(json(await type(...prompt, '--dtype', 'f16'))['tokens']).toHaveLength(3);
});

it('is planned by inspect, for what does not tune', async () => {
  const memory = async (...flags: string[]) =>
    json(await type('inspect', place.model, '--length', '6', ...flags, '--json'))['memory'] as Record<
      string,
      { parameters: number; total: number }
    >;
  const [full, half] = [await memory(), await memory('--dtype', 'f16')];
  expect(half['discover']!.parameters).toBeLessThan(0.55 * full['discover']!.parameters);
  expect(half['discover']!.total).toBeLessThan(full['discover']!.total);
  expect(half['tune']).toEqual(full['tune']);
});

it('is a way out that --memory names where it is one', async () => {
  const { err } = await type('evaluate', ...on(place), '--batch-size', '1', '--memory', '1KiB');
  const needed = Number(/got (\d+) KiB/.exec(err)![1]);
  const evaluate = ['evaluate', ...on(place), '--batch-size', '1', '--memory', `${needed - 2}KiB`];
  expect((await type(...evaluate)).err).toMatch(/Round the weights to f16 \(--dtype f16\), which takes \d+ KiB, or/);
  expect(await type(...evaluate, '--dtype', 'f16')).toMatchObject({ code: 0 });
});

it('of an experiment is in its manifest, and refused where something is tuned', async () => {
  const run = (name: string, also: object): ReturnType<typeof type> => {
    const file = place.at(`${name}.yaml`);
    const experiment = { model: place.model, dtype: 'f16', data: { task: place.task }, discovery: { top_n: 8 } };
    writeFileSync(file, JSON.stringify({ ...experiment, output_dir: place.at(name), ...also }));
    return type('run', file);
  };
  expect(await run('measured', {})).toMatchObject({ code: 0 });
  expect(JSON.parse(readFileSync(place.at('measured/manifest.json'), 'utf8'))).toMatchObject({ dtype: 'f16' });
  expect((await run('tuned', { tuning: { steps: 2 } })).err).toContain(
    'dtype: must be f32 where something is tuned: an update is smaller than the steps of f16, got "f16". Leave it out.',
  );
  const tune = ['tune', ...on(place), '--steps', '2', '--out', place.at('never')];
  expect((await type(...tune, '--dtype', 'f16')).err).toContain('error: --dtype: must be f32 where something is tuned');
});
