import { CircuitTuningError, readExperiment, readTask } from '@circuit-tuning/core';
import { describe, expect, it } from 'vitest';
import { placeOf, type Place } from '../../../src/page/setup/placeOf.js';

const good = 'name: a\nmodel: embedded\ndata:\n  task: rows.jsonl\ntuning:\n  steps: 10\n';

/** Where the page shows what the core says of a text. */
function placeOfError(text: string, act: () => unknown): Place {
  try {
    act();
  } catch (error) {
    if (error instanceof CircuitTuningError) return placeOf(text, error);
    throw error;
  }
  throw new Error('nothing was thrown');
}
const ofExperiment = (text: string): Place =>
  placeOfError(text, () => readExperiment(text, { name: 'experiment', resolve: (path) => path }));

describe('the place of an error', () => {
  it('is the line of a key that is misspelt, wrong or without effect', () => {
    expect(ofExperiment(good.replace('steps: 10', 'stepz: 10'))).toEqual({ line: 6 });
    expect(ofExperiment(good.replace('steps: 10', 'steps: 0'))).toEqual({ line: 6 });
    expect(ofExperiment(`${good}  search_sample: 4\n`)).toEqual({ line: 7 });
  });

  it('is the line of the section in which a key is missing', () => {
    expect(ofExperiment(good.replace('steps: 10', 'every: 10'))).toEqual({ line: 5 });
  });

  it('is the line that is no YAML', () => {
    expect(ofExperiment(good.replace('model: embedded', 'model: [embedded'))).toEqual({ line: 3 });
  });

  it('is the key that the check names without a file', () => {
    expect(placeOf(`${good}discovery:\n  top_n: 9\n`, { where: 'discovery.top_n', got: 9 })).toEqual({ line: 8 });
  });

  it('is the row of a task file, and the line that names the file', () => {
    const place = placeOfError(good, () => readTask('{"text":"a"}\n{"texxt":"a"}', { name: 'rows.jsonl' }));
    expect(place).toEqual({ row: { file: 'rows.jsonl', line: 1 }, line: 4 });
  });

  it('is the line that names a model or a file', () => {
    expect(placeOf(good, { where: 'embedded', got: 'nothing' })).toEqual({ line: 2 });
    expect(placeOf(good, { where: 'rows.jsonl', got: 'nothing' })).toEqual({ line: 4 });
  });

  it('is nowhere in the text for what is not about it', () => {
    expect(placeOf(good, { where: 'WebGPU', got: 'no adapter' })).toEqual({});
    expect(placeOf(good, {})).toEqual({});
  });
});
