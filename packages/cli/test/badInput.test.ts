/** What commands say of input that cannot be right, before any work is lost. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { workplace, type Workplace } from './tiny.js';
import { on, type } from './typed.js';

let place: Workplace;
beforeAll(async () => {
  place = await workplace();
});
afterAll(() => {
  place.remove();
});
afterEach(() => vi.restoreAllMocks());

describe('bad input', () => {
  const written = (name: string, text: string): string => {
    writeFileSync(place.at(name), text);
    return place.at(name);
  };
  it.each([
    ['an empty task', '', 'a task must hold at least one example, got none.'],
    ['broken JSON', '{"tokens": [1,2', 'line 1: a line must be one whole JSON object'],
    [
      'a pair of two lengths',
      '{"tokens":[1,2,3],"corrupt_tokens":[1,2],"targets":[{"pos":3,"good":1,"bad":2}]}',
      'the same number of tokens',
    ],
    [
      'no corrupted side',
      '{"tokens":[1,2,3],"targets":[{"pos":3,"good":1,"bad":2}]}',
      'patching needs a corrupted side for every example',
    ],
    [
      'a token that the model does not have',
      '{"tokens":[1,99],"corrupt_tokens":[1,2],"targets":[{"pos":2,"good":1,"bad":2}]}',
      'vocabulary size 24, got id 99',
    ],
  ])('is told with file and cure, before any work: %s', async (name, text, message) => {
    const task = written(`${name}.jsonl`, text);
    const { code, err, out } = await type(
      'discover',
      '--model',
      place.model,
      '--task',
      task,
      '--out',
      place.at('none'),
    );
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^error: [^\n]*\n$/);
    expect(err).toContain(task);
    expect(err).toContain(message);
  });

  it('is a metric that the task cannot give', async () => {
    const { code, err } = await type(
      'evaluate',
      '--model',
      place.model,
      '--task',
      place.text,
      '--metric',
      'logit_diff',
    );
    expect(code).toBe(2);
    expect(err).toMatch(
      /^error: .*text\.jsonl line 1: a logit difference needs a good and a bad answer at every target, got no target/,
    );
  });

  it('is a circuit of another model, or none', async () => {
    const graph = written(
      'graph.json',
      JSON.stringify({ cfg: {}, nodes: {}, edges: { 'a9.h9->logits': { score: 1, in_graph: true } } }),
    );
    expect((await type('evaluate', ...on(place), '--circuit', graph)).err).toContain(
      'edge a9.h9->logits: must be one of the',
    );
    expect((await type('evaluate', ...on(place), '--circuit', written('no.json', '{'))).err).toContain(
      'no.json: must be JSON',
    );
    expect((await type('evaluate', ...on(place), '--controls', '2')).err).toBe(
      'error: --controls: takes effect only with --circuit, got nothing. Leave it out.\n',
    );
  });

  it('is a model with a number that is none', async () => {
    const broken = place.at('nan');
    mkdirSync(broken);
    const bytes = readFileSync(join(place.model, 'model.safetensors'));
    bytes.writeFloatLE(NaN, bytes.byteLength - 4);
    writeFileSync(join(broken, 'model.safetensors'), bytes);
    writeFileSync(join(broken, 'config.json'), readFileSync(join(place.model, 'config.json')));
    const { code, err } = await type('evaluate', '--model', broken, '--task', place.task);
    expect(code).toBe(2);
    expect(err).toContain('must hold finite numbers, got NaN at');
  });

  it('is an output that cannot be written, found before the model is read', async () => {
    const file = written('in-the-way', 'x');
    const { code, err } = await type(
      'discover',
      '--model',
      '/no/model',
      '--task',
      '/no/task',
      '--out',
      join(file, 'out'),
    );
    expect(code).toBe(2);
    expect(err).toContain('must be a free place, got a path where a file stands in the way.');
  });

  it('is an unknown command or flag, with the nearest one', async () => {
    const { code, err } = await type('evalute');
    expect(code).toBe(2);
    expect(err).toContain('Did you mean evaluate?');
    expect((await type('--version')).code).toBe(0);
  });
});
