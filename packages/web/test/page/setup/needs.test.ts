import { describe, expect, it } from 'vitest';
import { needsOf } from '../../../src/page/setup/needs.js';

const here = { models: ['my-gpt2', 'org/kept'], files: ['tasks/agreement.jsonl', 'rows.jsonl'] };
const asking = (model: string, data: string): string => `model: ${model}\ndata: ${data}\n`;

describe('what an experiment needs', () => {
  it('is nothing where all of it is built in or was given', () => {
    expect(needsOf(asking('embedded', '{ task: tasks/agreement.jsonl }'), here)).toEqual([]);
    expect(needsOf(asking('./my-gpt2', '{ task: ./rows.jsonl }'), here)).toEqual([]);
    expect(needsOf(asking('org/kept', '{ task: rows.jsonl }'), here)).toEqual([]);
  });

  it('is met by a file that was picked without its folder, unless two are called so', () => {
    const asked = asking('embedded', '{ task: data/rows.jsonl }');
    expect(needsOf(asked, here)).toEqual([]);
    expect(needsOf(asked, { ...here, files: ['a/rows.jsonl', 'b/rows.jsonl'] })).toHaveLength(1);
  });

  it('is every file that is missing, once each', () => {
    const data = '{ task: a.jsonl, train: ./b.jsonl, held_out: a.jsonl, keep: { text: c.jsonl } }';
    expect(needsOf(asking('embedded', data), here)).toEqual(
      ['a.jsonl', 'b.jsonl', 'c.jsonl'].map((name) => ({ kind: 'file', name })),
    );
  });

  it('is a model to download where it is called as the hub calls one, else one to bring', () => {
    expect(needsOf(asking('openai-community/gpt2', '{}'), here)).toEqual([
      { kind: 'hub model', name: 'openai-community/gpt2' },
    ]);
    expect(needsOf(asking('./found', '{}'), here)).toEqual([{ kind: 'model', name: 'found' }]);
  });

  it('is not asked of a text that cannot be read', () => {
    expect(needsOf('data: [', here)).toEqual([]);
    expect(needsOf('', here)).toEqual([]);
  });
});
