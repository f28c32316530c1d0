/** `--precision f16` and the same key of experiments: it changes what is computed, is written down, and is not mixed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capabilitiesOf, type Precision, type RunEvent } from '@circuit-tuning/core';
import { testGpu } from '@circuit-tuning/testkit';
import { Interrupted } from '../src/interrupt.js';
import { prepare } from '../src/prepare.js';
import { checkExperiment } from '../src/readExperiment.js';
import { runInFolder } from '../src/runInFolder.js';
import { workplace, type Workplace } from './tiny.js';
import { json, on, type } from './typed.js';

const { device } = await testGpu();
let place: Workplace;
beforeAll(async () => {
  place = await workplace();
});
afterAll(() => place.remove());

it('f16 is refused by an adapter without shader-f16', () => {
  const without = { features: new Set(), limits: {} } as unknown as GPUDevice;
  expect(() => capabilitiesOf(without, { precision: 'f16' })).toThrow(
    'precision f16: needs an adapter with shader-f16, got one without. Leave the precision at f32, or take another adapter.',
  );
});

// SwiftShader has it not.
describe.skipIf(!device.features.has('shader-f16'))('precision f16', () => {
  it('changes what evaluate measures, by little', async () => {
    const lossOf = async (...flags: string[]): Promise<number> =>
      (json(await type('evaluate', ...on(place), ...flags, '--json')) as { loss: number }).loss;
    const [f32, plain, f16] = [await lossOf('--precision', 'f32'), await lossOf(), await lossOf('--precision', 'f16')];
    expect(plain).toBe(f32);
    expect(Math.abs(f16 - f32)).toBeGreaterThan(1e-8);
    expect(Math.abs(f16 - f32)).toBeLessThan(1e-3);
  });

  it('of a run is in its manifest, repeats bit for bit, and another is not mixed in', async () => {
    const at = async (precision?: Precision) =>
      prepare(
        checkExperiment(
          {
            model: place.model,
            ...(precision && { precision }),
            data: { task: place.task },
            discovery: { top_n: 12 },
            tuning: { methods: ['circuit'], steps: 4, every: 2, learning_rate: 0.05, save_every: 1 },
            evaluation: { faithfulness: [] },
          },
          (path) => path.join('.'),
        ),
      );
    const run = async (
      out: string,
      precision?: Precision,
      { isResumed = false, stop = Infinity } = {},
    ): Promise<void> => {
      const controller = new AbortController();
      const { signal } = controller;
      for await (const event of runInFolder(await at(precision), { out, argv: [], isResumed, signal }))
        if (isStep(event, stop)) controller.abort(new Interrupted('interrupted'));
    };
    const isStep = (event: RunEvent, step: number): boolean => event.kind === 'step' && event.step === step;
    const weights = (out: string): Buffer => readFileSync(join(out, 'model/circuit/model.safetensors'));
    const [plain, whole, parts] = [place.at('f32'), place.at('f16'), place.at('parts')];
    await run(plain);
    await run(whole, 'f16');
    await expect(run(parts, 'f16', { stop: 3 })).rejects.toThrow(Interrupted);
    await expect(run(parts, undefined, { isResumed: true })).rejects.toThrow(
      'must go on with the experiment that the run was started with',
    );
    await run(parts, 'f16', { isResumed: true });
    expect(weights(parts).equals(weights(whole))).toBe(true);
    expect(weights(parts).equals(weights(plain))).toBe(false);
    for (const [out, precision] of [
      [plain, 'f32'],
      [whole, 'f16'],
      [parts, 'f16'],
    ] as const)
      expect(JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'))).toMatchObject({ precision });
  });
});
