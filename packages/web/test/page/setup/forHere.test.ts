import { describe, expect, it } from 'vitest';
import { forHere } from '../../../src/page/setup/forHere.js';

describe('the experiment of a run from elsewhere', () => {
  it('names built-in sets as they are called here, and files and models without where they lay', () => {
    const text =
      'model: /home/me/models/gpt2/\noutput_dir: /home/me/runs\ndata:\n  task: /opt/ct/assets/embedded/tasks/agreement.jsonl\n' +
      '  train: C:\\Users\\me\\rows.jsonl\n  keep:\n    text: /home/me/tasks/keep-copy.jsonl\n';
    expect(forHere(text)).toBe(
      'model: gpt2\ndata:\n  task: tasks/agreement.jsonl\n  train: rows.jsonl\n  keep:\n    text: keep-copy.jsonl\n',
    );
  });

  it('stays as it is, letter by letter, where its names are relative', () => {
    const text = 'model:   org/name # the hub\ndata: {task: ./rows.jsonl}\n';
    expect(forHere(text)).toBe(text);
    expect(forHere('data: [')).toBe('data: [');
  });
});
