/** What the names in an experiment stand for in a page, and what is said where they stand for nothing. */
import { readFileSync } from 'node:fs';
import type { Folder } from '@circuit-tuning/core';
import { describe, expect, test } from 'vitest';
import { EmbeddedFiles, GivenFiles, openAsked, plainPath } from '../../src/engine/experimentFiles.js';

const assets = new URL('../../../cli/assets/embedded/', import.meta.url);
const three = readFileSync(new URL('tasks/agreement.jsonl', assets), 'utf8').split('\n').slice(0, 3).join('\n');

function lab({ given = {}, models = {} }: { given?: Record<string, string>; models?: Record<string, Folder> } = {}) {
  const asked: string[] = [];
  const server = (async (url: string) => {
    const { pathname } = new URL(url);
    asked.push(pathname);
    try {
      return new Response(readFileSync(new URL(`.${pathname}`, assets)));
    } catch {
      return new Response('', { status: 404 });
    }
  }) as typeof fetch;
  const files = new GivenFiles();
  files.add(Object.entries(given).map(([path, text]) => ({ path, file: new File([text], path.replace(/.*\//, '')) })));
  const embedded = new EmbeddedFiles('http://here/', { fetch: server });
  const places = { data: [files, embedded], embedded, model: async (name: string) => models[name] };
  return { asked, embedded, open: (text: string, settings?: string[]) => openAsked({ text, settings }, places) };
}
const experiment = (task: string, model = 'embedded'): string => `model: ${model}\ndata: { task: ${task} }`;

test('paths lead below the experiment, however they are written', () => {
  expect(['./a/b.jsonl', '../../a/b.jsonl', 'a\\b.jsonl', '/a/b.jsonl', 'a/b.jsonl'].map(plainPath)).toEqual(
    Array(5).fill('a/b.jsonl'),
  );
});

describe('a data file', () => {
  test('is the one that was given under this path, before the one that is built in', async () => {
    const { open, asked } = lab({ given: { 'tasks/agreement.jsonl': three } });
    const { prepared, texts } = await open(experiment('./tasks/agreement.jsonl'));
    expect(prepared.search).toHaveLength(3);
    expect([...texts]).toEqual([['tasks/agreement.jsonl', three]]);
    expect(asked.filter((path) => path.startsWith('/tasks'))).toEqual([]);
  });

  test('may have been picked without its folder, if no other file is called so', async () => {
    const given = { 'mine.jsonl': three };
    expect((await lab({ given }).open(experiment('../data/mine.jsonl'))).prepared.search).toHaveLength(3);
    const twice = { 'a/mine.jsonl': three, 'b/mine.jsonl': three };
    await expect(lab({ given: twice }).open(experiment('mine.jsonl'))).rejects.toThrow('mine.jsonl: must be a file');
  });

  test('is built in where none was given', async () => {
    expect((await lab().open(experiment('tasks/agreement.jsonl'))).prepared.search).toHaveLength(200);
  });

  test('that is nowhere is asked for by its name', async () => {
    await expect(lab().open(experiment('none.jsonl'))).rejects.toThrow(
      'none.jsonl: must be a file that you gave, or one that is built in, got neither. ' +
        'Add the file, by dropping it on the page for instance, or correct its name in the experiment.',
    );
  });

  test('of settings is found as one of the text', async () => {
    const { open } = lab({ given: { 'x.jsonl': three } });
    const { prepared } = await open(experiment('tasks/agreement.jsonl'), ['data.task=./x.jsonl', 'seed=7']);
    expect([prepared.experiment.data.task, prepared.experiment.seed]).toEqual(['x.jsonl', 7]);
  });
});

describe('a model', () => {
  test('that is embedded is fetched once, whole, and nothing beside what it is made of', async () => {
    const { open, asked } = lab();
    await open(experiment('tasks/agreement.jsonl'));
    await open(experiment('tasks/agreement.jsonl'));
    expect(asked.toSorted()).toEqual([
      '/model/config.json',
      '/model/model.safetensors',
      '/model/tokenizer.json',
      '/model/tokenizer_config.json',
      '/tasks/agreement.jsonl',
    ]);
  });

  test('that was added is opened by its name', async () => {
    const { embedded } = lab();
    const { open } = lab({ models: { mine: embedded.model } });
    expect((await open(experiment('tasks/agreement.jsonl', './mine'))).prepared.base.config.L).toBe(3);
  });

  test('of a hub is not fetched by naming it: the error says to download it', async () => {
    const { open, asked } = lab();
    await expect(open(experiment('tasks/agreement.jsonl', 'openai-community/gpt2'))).rejects.toThrow(
      "model: openai-community/gpt2: must be 'embedded', or a model that was added or downloaded here, " +
        'got a model that is not here. Download it from the hub first, or add its folder.',
    );
    expect(asked).toEqual([]);
  });
});

test('a file that could not be fetched is asked for again', async () => {
  let isAway = true;
  const server = (async () => {
    if (isAway) throw new TypeError('Failed to fetch');
    return new Response('here');
  }) as unknown as typeof fetch;
  const embedded = new EmbeddedFiles('http://here/', { fetch: server });
  await expect(embedded.open('demo.yaml')).rejects.toThrow('the server must answer, got Failed to fetch');
  isAway = false;
  expect((await embedded.open('demo.yaml'))?.size).toBe(4);
});

test.each(['precision', 'dtype'])('a %s is refused, for the model was put on the device before', async (key) => {
  await expect(lab().open(experiment('tasks/agreement.jsonl'), [`${key}=f16`])).rejects.toThrow(
    `${key}: takes effect where a run opens its device, got 'f16' in the lab, whose model is on the device already. ` +
      'Leave it out, or run the experiment with `circuit-tuning run`.',
  );
});
