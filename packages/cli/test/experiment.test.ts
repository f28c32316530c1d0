/** The experiment file: what it may say, and what its errors say. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { experimentJsonSchema, experimentText } from '@circuit-tuning/core';
import { parse } from 'yaml';
import { readExperiment } from '../src/readExperiment.js';

const minimal = { model: 'gpt2', data: { task: 'task.jsonl' } };
let folder: string;
let files = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'experiment-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The experiment in that YAML (or object), and its path. */
const read = async (content: unknown, ...settings: string[]) => {
  const path = join(folder, `${files++}.yaml`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return readExperiment(path, settings);
};
const refusal = async (content: unknown, ...settings: string[]): Promise<string> => {
  const error: unknown = await read(content, ...settings).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Error);
  return (error as Error).message.replaceAll(`${folder}/`, '').replace(/^\d+\.yaml/, 'file');
};

describe('an experiment file', () => {
  it('has a published JSON Schema that is fresh (vitest -u writes it)', async () => {
    await expect(`${JSON.stringify(experimentJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
      '../schema/experiment.schema.json',
    );
  });

  it('needs a model and a task, and fills in the rest', async () => {
    const { seed, discovery, evaluation, tuning, data } = await read(minimal);
    expect(seed).toBe(0);
    expect(discovery).toMatchObject({
      graph: 'eap-ig',
      method: 'EAP',
      ablation: 'patching',
      positions: 'all',
      combine: 'sum',
    });
    expect(evaluation).toEqual({ curve: false, controls: 3, completeness: false, exact: false, batch_size: 16 });
    expect(tuning).toBeUndefined();
    expect(data).toEqual({ task: join(folder, 'task.jsonl'), keep: {}, flip: false });
  });

  it('finds its data and a model that begins with ./ beside itself', async () => {
    const { data, model } = await read({ ...minimal, model: './m', data: { task: 'a', keep: { x: '../b' } } });
    expect(model).toBe(join(folder, 'm'));
    expect(data.keep).toEqual({ x: join(folder, '../b') });
  });

  it('names an unknown key and the nearest known one', async () => {
    expect(await refusal({ ...minimal, tuning: { steps: 1, optimiser: 'sgd' } })).toMatch(
      /^file: tuning\.optimiser: must be a known key \(methods, steps, every, .*\), got "optimiser"\. Did you mean "optimizer"\?$/,
    );
    expect(await refusal({ ...minimal, data: { task: 'a', xyzzy: 1 } })).toMatch(/got "xyzzy"\. Remove it\.$/);
  });

  it('refuses a bias penalty over several batches, and a negative one', async () => {
    const tuned = (more: object): object => ({ ...minimal, tuning: { steps: 1, ...more } });
    expect(await refusal(tuned({ bias_penalty: 0.5, accumulation: 2 }))).toContain(
      'file: tuning.accumulation: must be 1 with a bias penalty, which looks at the mean of one batch, got 2.',
    );
    expect(await refusal(tuned({ bias_penalty: -1 }))).toContain(
      'file: tuning.bias_penalty: must be more than 0, got -1.',
    );
  });

  it.each([
    [{ data: { task: 'a' } }, 'file: model: must be a text, got nothing. Add it.'],
    [{ ...minimal, seed: 1.5 }, 'file: seed: must be a whole number, got 1.5. Correct the value.'],
    [{ ...minimal, seed: -1 }, 'file: seed: must be at least 0, got -1. Correct the value.'],
    [{ ...minimal, tuning: { steps: 'x' } }, 'file: tuning.steps: must be a number, got "x". Correct the value.'],
    [
      { ...minimal, tuning: { steps: 2, methods: ['circiut'] } },
      'file: tuning.methods[0]: must be one of circuit, full, random, fixed, random-fixed, complement, gradient-norm, layers, lora, got "circiut". Correct the value.',
    ],
    [
      { ...minimal, discovery: { top_n: 'all' } },
      'file: discovery.top_n: must be a number of edges, or { from, to, steps, shape }, got "all". Correct the value.',
    ],
    [
      { ...minimal, tuning: { steps: 2, momentum: 1 } },
      'file: tuning.momentum: must be less than 1, got 1. Correct the value.',
    ],
    [
      { ...minimal, name: 'a/b' },
      'file: name: must be a name of letters, digits, dots and dashes, got "a/b". Correct the value.',
    ],
    ['model: [', 'file: must be YAML, got '],
    ['just a text', 'file: must be a section of keys, got "just a text". Correct the value.'],
  ])('says what is wrong with %j', async (content, message) => {
    expect(await refusal(content)).toContain(message);
  });

  it('takes paths in the file as relative to it, and those in settings as relative to where they are typed', async () => {
    const content = { model: './there', data: { task: 'a.jsonl' } };
    const typed = await read(content, 'model=./here', 'data.task=b.jsonl');
    expect([typed.model, typed.data.task]).toEqual([resolve('here'), resolve('b.jsonl')]);
    const filed = await read(content);
    expect([filed.model, filed.data.task]).toEqual([join(folder, 'there'), join(folder, 'a.jsonl')]);
  });

  it('is changed by settings, whose values are YAML', async () => {
    const { tuning, seed } = await read(minimal, 'tuning.steps=20', 'tuning.methods=[full, fixed]', 'seed=3');
    expect(tuning).toMatchObject({ steps: 20, methods: ['full', 'fixed'] });
    expect(seed).toBe(3);
    expect(await refusal(minimal, 'steps')).toBe(
      '--set: must be key.key=value, got "steps". As in --set tuning.steps=20.',
    );
    expect(await refusal(minimal, 'model.x=1')).toBe(
      '--set model.x: must lead to a key of a section, got "gpt2". Check the path.',
    );
    expect(await refusal(minimal, 'tuning.step=1')).toContain('Did you mean "steps"?');
  });

  it('that is not there is asked for', async () => {
    await expect(readExperiment('/no/such.yaml')).rejects.toThrow(
      '/no/such.yaml: must exist, got nothing of that name. Check the path.',
    );
  });
});

describe('an option that cannot take effect', () => {
  const tuned = (tuning: object) => ({ ...minimal, tuning: { steps: 2, ...tuning } });
  it.each([
    [
      tuned({ betas: [0.9, 0.99] }),
      'file: tuning.betas: takes effect only with the adamw optimizer, got [0.9,0.99]. Leave it out.',
    ],
    [
      tuned({ optimizer: 'adamw', momentum: 0.5 }),
      'tuning.momentum: takes effect only with the sgd optimizer, got 0.5.',
    ],
    [
      { ...minimal, discovery: { steps: 5 } },
      'discovery.steps: takes effect only with the methods of EAP-IG, got 5. Leave it out.',
    ],
    [
      { ...minimal, discovery: { method: 'clean-corrupted', max_minutes: 5 } },
      'discovery.max_minutes: takes effect only with the method exact, got 5.',
    ],
    [
      { ...minimal, discovery: { method: 'clean-corrupted', ablation: 'zero' } },
      'discovery.ablation: must be patching with clean-corrupted, whose way leads from the corrupted embeddings',
    ],
    [
      { ...minimal, discovery: { method: 'exact', positions: 'answer' } },
      'discovery.positions: takes effect only with a method of gradients: exact patches an edge at every position, got answer.',
    ],
    [tuned({ p: 0.5 }), "tuning.p: takes effect only with objective 'weighted', got 0.5."],
    [tuned({ search_sample: 4 }), "tuning.search_sample: takes effect only with search_on 'task', got 4."],
    [
      tuned({ methods: ['fixed', 'full'], every: 4 }),
      'tuning.every: takes effect only with a method that searches again, such as circuit, got 4.',
    ],
    [tuned({ methods: ['full'], top_n: 4 }), 'tuning.top_n: takes effect only where a circuit is searched, got 4.'],
    [
      { ...minimal, data: { task: 'a', held_out: 'b' } },
      'data.held_out: takes effect only when something is tuned, got "b".',
    ],
    [
      { ...minimal, evaluation: { faithfulness: [], controls: 2 } },
      'evaluation.controls: takes effect only where faithfulness is measured, got 2.',
    ],
    [
      {
        ...minimal,
        discovery: { select: 'threshold', threshold: 0.1 },
        evaluation: { curve: true },
      },
      'evaluation.curve: takes effect only with a rule that keeps a number of edges, got true.',
    ],
    [
      { ...minimal, discovery: { threshold: 0.1 } },
      "discovery.threshold: takes effect only with select 'threshold', got 0.1.",
    ],
    [
      { ...minimal, discovery: { select: 'threshold', threshold: 0.1, top_n: 3 } },
      'discovery.top_n: takes effect only with a rule that keeps a number of edges, got 3.',
    ],
    [
      { ...minimal, discovery: { select: 'threshold', threshold: 0.1 }, evaluation: { faithfulness: [3] } },
      'evaluation.faithfulness: takes effect only with a rule that keeps a number of edges, got [3].',
    ],
    [
      { ...minimal, discovery: { resamples: 500 } },
      "discovery.resamples: takes effect only with select 'stable', got 500.",
    ],
    [
      { ...minimal, discovery: { select: 'stable' }, evaluation: { curve: true } },
      'evaluation.curve: takes effect only with a rule that keeps a number of edges, got true.',
    ],
    [
      { ...minimal, discovery: { select: 'node-weighted', signed: true } },
      'discovery.signed: takes effect only with another rule of selection, got true.',
    ],
    [
      { ...minimal, discovery: { graph: 'circuit-tuning', pruned: true } },
      'discovery.pruned: takes effect only in the eap-ig graph: pruned follows paths from input to logits, got "circuit-tuning".',
    ],
    [
      { ...minimal, discovery: { graph: 'circuit-tuning', select: 'greedy' } },
      'discovery.select: takes effect only in the eap-ig graph: greedy starts at the logits, got "circuit-tuning".',
    ],
    [
      { ...minimal, discovery: { top_n: { from: 9, to: 4, steps: 2 } } },
      'discovery.top_n: takes effect only as one number where nothing is tuned',
    ],
  ])('is an error: %j', async (content, message) => {
    expect(await refusal(content)).toContain(message);
  });

  it('is not written down with the defaults, so that the written experiment reads as the same', async () => {
    const experiment = await read(tuned({ methods: ['full'], objective: 'weighted', p: 0.5 }));
    expect(Object.keys(parse(experimentText(experiment)).tuning)).not.toContain('betas');
    expect(await read(experimentText(experiment))).toEqual(experiment);
  });

  it('has a counterpart that must be given: p of a weighted objective, the threshold of that rule', async () => {
    expect(await refusal({ ...minimal, discovery: { select: 'threshold' } })).toBe(
      "file: discovery.threshold: must be given with select 'threshold', got nothing. Give the least |score| that is kept.",
    );
    expect(await refusal(tuned({ objective: 'weighted' }))).toBe(
      "file: tuning.p: must be given with objective 'weighted', in (0, 1], got nothing. Give 0.5 to count answers twice.",
    );
    expect(await refusal(tuned({ methods: ['full', 'full'] }))).toContain(
      'must name each method once, got ["full","full"]. Remove the second full.',
    );
  });
});
