import { readdirSync, readFileSync } from 'node:fs';
import { readExperiment } from '@circuit-tuning/core';
import { describe, expect, it } from 'vitest';
import {
  beginning,
  builtInPaths,
  findOnly,
  withKept,
  withModel,
  withRole,
  withTask,
} from '../../../src/page/setup/choose.js';
import { valuesOf } from '../../../src/page/setup/editYaml.js';

const embedded = new URL('../../../../cli/assets/embedded/', import.meta.url);
const lab = readFileSync(new URL('lab.yaml', embedded), 'utf8');
const read = (text: string) => readExperiment(text, { name: 'experiment', resolve: (path) => path });

describe('choices that write into the experiment', () => {
  it('name all built-in sets, and no others', () => {
    expect(builtInPaths.toSorted()).toEqual(
      readdirSync(new URL('tasks/', embedded))
        .map((it) => `tasks/${it}`)
        .toSorted(),
    );
  });

  it('give another model the defaults where the text has the sizes of the built-in one', () => {
    const { model, discovery, tuning, evaluation } = read(withModel(lab, 'my-gpt2'));
    expect(model).toBe('my-gpt2');
    expect([discovery.mlp_block, discovery.top_n, evaluation.faithfulness]).toEqual([undefined, undefined, undefined]);
    expect(tuning?.steps).toBe(100);
  });

  it('leave the sizes alone between two models that are not built in', () => {
    const own = withModel(lab, 'a').replace('discovery:', 'discovery:\n  top_n: 7');
    expect(read(withModel(own, 'b')).discovery.top_n).toBe(7);
  });

  it('take what belonged to the built-in task away with it', () => {
    const { data, discovery } = read(withTask(lab, 'rows.jsonl'));
    expect(data).toEqual({ task: 'rows.jsonl', keep: {}, flip: false });
    expect(discovery.metric).toBeUndefined();
  });

  it('keep texts of the reader with a task of the reader', () => {
    const text = withTask(withKept(lab, 'mine/letters.jsonl', true), 'rows.jsonl');
    expect(read(text).data.keep).toEqual({ letters: 'mine/letters.jsonl' });
  });

  it('put a text among those that are kept, and take it away again', () => {
    const without = withKept(lab, 'tasks/keep-gender.jsonl', false);
    expect(Object.keys(read(without).data.keep)).not.toContain('gender');
    expect(read(withKept(without, 'tasks/keep-gender.jsonl', true)).data.keep).toMatchObject({
      gender: 'tasks/keep-gender.jsonl',
    });
  });

  it('let a role go back to the task', () => {
    expect(read(withRole(lab, 'held_out', undefined)).data.held_out).toBeUndefined();
  });

  it('find without tuning', () => {
    expect(read(findOnly(lab)).tuning).toBeUndefined();
  });

  it('begin anew with the model and the task that the reader brought', () => {
    const own = withTask(withModel(lab, 'my-gpt2'), 'rows.jsonl');
    const begun = read(beginning(findOnly(lab), own));
    expect([begun.model, begun.data.task, begun.tuning]).toEqual(['my-gpt2', 'rows.jsonl', undefined]);
    expect(beginning(lab, lab)).toBe(lab);
  });

  it('leave a text that cannot be read as it is', () => {
    expect(valuesOf('a: [')).toBeUndefined();
    expect(withModel('a: [', 'x')).toBe('a: [');
  });
});
