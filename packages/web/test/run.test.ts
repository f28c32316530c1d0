/** Experiments by their addresses: what is asked for, and what is said when it cannot be had. The run itself: parity.test.ts. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openExperiment, webSha256 } from '../src/index.js';

const assets = new URL('../../cli/assets/embedded/', import.meta.url);
const yaml = (model: string): string => `model: ${model}\ndata: { task: ../tasks/agreement.jsonl }\nseed: 1`;

/** A server that has the experiment at /lab/x.yaml, and the embedded files beside it. */
const server = (experiment: string, asked: string[] = []): typeof fetch =>
  (async (url: string) => {
    const { pathname } = new URL(url);
    asked.push(pathname);
    if (pathname === '/lab/x.yaml') return new Response(experiment);
    try {
      return new Response(readFileSync(new URL(`.${pathname}`, assets)));
    } catch {
      return new Response('', { status: 404 });
    }
  }) as typeof fetch;
const open = (experiment: string, asked?: string[], settings: string[] = []) =>
  openExperiment('http://here/lab/x.yaml', {
    fetch: server(experiment, asked),
    embedded: 'http://here/model',
    settings,
  });

it('takes the paths of an experiment as relative to its address', async () => {
  const asked: string[] = [];
  const { experiment, search, base } = await open(yaml('embedded'), asked, ['seed=4']);
  expect(experiment.data.task).toBe('http://here/tasks/agreement.jsonl');
  expect(experiment.seed).toBe(4);
  expect(search).toHaveLength(200);
  expect(base.folder.name).toBe('http://here/model');
  expect(asked).toContain('/model/model.safetensors');
  expect((await open(yaml('../model'))).base.folder.name).toBe('http://here/model');
});

it('says what is wrong in the words of the file, and what a page cannot open', async () => {
  await expect(open(`${yaml('embedded')}\nsede: 2`)).rejects.toThrow(
    /^http:\/\/here\/lab\/x\.yaml: sede: .* "seed"\?$/,
  );
  await expect(open(yaml('openai-community/gpt2'))).rejects.toThrow(
    'model: openai-community/gpt2: must be an address in a browser, or a path that begins with ./, got neither. ' +
      'Serve the folder of the model, and give its address.',
  );
  await expect(open(yaml('./none'))).rejects.toThrow('http://here/lab/none');
});

it('hashes as sha256sum does', async () => {
  expect(await webSha256(new TextEncoder().encode('abc'))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});
