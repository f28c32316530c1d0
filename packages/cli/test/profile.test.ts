/** --profile: what a command says of its time. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Profile } from '@circuit-tuning/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { profileTables } from '../src/profile.js';
import { workplace, type Workplace } from './tiny.js';
import { json, on, type } from './typed.js';

let place: Workplace;
beforeAll(async () => {
  place = await workplace();
});
afterAll(() => place.remove());

it.each(['demo', 'run', 'discover', 'stability', 'tune', 'evaluate', 'generate', 'analyze'])(
  '%s offers it',
  async (command) => {
    expect((await type(command, '--help')).out).toContain('--profile');
  },
);

it('a search tells its phases and kernels on stderr, and leaves them beside its files', async () => {
  const out = place.at('profiled');
  const { code, err } = await type('discover', ...on(place), '--limit', '2', '--out', out, '--profile');
  expect(code).toBe(0);
  expect(err).toMatch(/\nProfile: [\d.]+ s in all\n/);
  expect(err).toMatch(/^search +[\d.]+ s /m);
  expect(err).toMatch(/^edgeScore\S* +forward /m);
  const profile = JSON.parse(readFileSync(join(out, 'profile.json'), 'utf8')) as Profile;
  const sum = profile.phases.reduce((ms, phase) => ms + phase.ms, 0);
  expect(sum).toBeCloseTo(profile.ms, 0);
  expect(profile.phases.find(({ phase }) => phase === 'search')!.runs).toBe(1);
  expect(profile.phases.map(({ phase }) => phase)).toEqual(expect.arrayContaining(['load', 'compile', 'other']));
});

it('a run tells its steps; with --json the profile stands in what is printed', async () => {
  const out = place.at('tuned');
  const steps = ['--steps', '2', '--every', '2', '--top-n', '10', '--batch-size', '4', '--out', out];
  const tuned = await type('tune', ...on(place), ...steps, '--json', '--profile');
  const { phases } = json(tuned).profile as Profile;
  expect(tuned.err).not.toContain('Profile:');
  const runs = Object.fromEntries(phases.map(({ phase, runs }) => [phase, runs]));
  expect(runs).toMatchObject({ step: 2, load: 0, compile: 0 });
  expect(runs.measure).toBeGreaterThan(0);
});

it('nothing is timed unless asked', async () => {
  expect(
    json(await type('generate', '--model', place.model, '--tokens', '1,2', '--max-tokens', '1', '--json')),
  ).toEqual({
    prompt_tokens: [1, 2],
    tokens: [expect.any(Number)],
  });
});

it('an adapter without timestamp queries is told of', () => {
  const kernels = [{ kernel: 'gelu', entry: 'forward', phase: 'step', dispatches: 3, flops: 0 }] as const;
  const phases = [{ phase: 'step', ms: 5, wait_ms: 4, host_ms: 1, runs: 1, dispatches: 3 }] as const;
  const text = profileTables({ ms: 5, has_timestamps: false, phases, kernels });
  expect(text).toContain(
    'This adapter has no timestamp queries: dispatches are counted, how long each took is not known.',
  );
  expect(text).toMatch(/^gelu +forward +3 +step$/m);
});
