import { describe, expect, it } from 'vitest';
import { nameOfRoot, routeOf } from '../../../src/page/files/dropFiles.js';

describe('files that are dropped', () => {
  it('are a run where events.jsonl is among them, whatever else a run holds', () => {
    const paths = ['demo/experiment.yaml', 'demo/model/config.json', 'demo/events.jsonl', 'demo/circuits/before.json'];
    expect(routeOf(paths)).toEqual({ kind: 'run' });
    expect(routeOf(['events.jsonl'])).toEqual({ kind: 'run' });
  });

  it('are a run in a zip', () => {
    expect(routeOf(['demo.zip'])).toEqual({ kind: 'zip', path: 'demo.zip' });
  });

  it('are a model, whole or not: what is missing is said by who reads it', () => {
    expect(routeOf(['gpt2/README.md', 'gpt2/config.json', 'gpt2/model.safetensors'])).toEqual({
      kind: 'model',
      root: 'gpt2/',
    });
    expect(routeOf(['model.safetensors'])).toEqual({ kind: 'model', root: '' });
    expect(routeOf(['x/pytorch_model.bin'])).toEqual({ kind: 'model', root: 'x/' });
  });

  it('are an experiment with the data that came along', () => {
    expect(routeOf(['a/tasks/rows.jsonl', 'a/mine.yml'])).toEqual({
      kind: 'experiment',
      path: 'a/mine.yml',
      data: ['a/tasks/rows.jsonl'],
    });
  });

  it('are tasks', () => {
    expect(routeOf(['rows.jsonl', 'more.json'])).toEqual({ kind: 'task', data: ['rows.jsonl', 'more.json'] });
  });

  it('are refused in a sentence where they are none of these', () => {
    expect(routeOf(['photo.png', 'song.mp3'])).toEqual({
      kind: 'unknown',
      message:
        'photo.png and 1 more cannot be opened here. This page opens run folders and zips of them, model folders ' +
        '(config.json, model.safetensors, tokenizer.json), tasks (.jsonl) and experiments (.yaml).',
    });
    expect(routeOf(['.DS_Store'])).toMatchObject({
      message: expect.stringMatching(/^The folder has no files in it\./),
    });
  });

  it('have the name of their folder', () => {
    expect(nameOfRoot('a/gpt2/', 'model')).toBe('gpt2');
    expect(nameOfRoot('', 'model')).toBe('model');
  });
});
