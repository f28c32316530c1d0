import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isEditable, lineOfKey, valueAt, valuesOf, withValues } from '../../../src/page/setup/editYaml.js';

const embedded = (name: string): string =>
  readFileSync(new URL(`../../../../cli/assets/embedded/${name}`, import.meta.url), 'utf8');

describe('controls over the text of an experiment', () => {
  it('leave the built-in experiments as they are where nothing changes', () => {
    for (const name of ['lab.yaml', 'demo.yaml']) expect(withValues(embedded(name), [])).toBe(embedded(name));
  });

  it('change a value and nothing around it', () => {
    const text = '# why\nname: a # mine\ntuning:\n  methods: [circuit, full] # both\n  steps: 10 # few\n';
    const changed = withValues(text, [
      [['tuning', 'steps'], 20],
      [['tuning', 'methods'], ['circuit']],
    ]);
    expect(changed).toBe('# why\nname: a # mine\ntuning:\n  methods: [circuit] # both\n  steps: 20 # few\n');
  });

  it('take a comment away with the name that it was about', () => {
    const text = 'data:\n  task: a.jsonl # about a\n  train: b.jsonl # about b\n';
    const changed = withValues(text, [
      [['data', 'task'], 'c.jsonl'],
      [['data', 'train'], 'b.jsonl'],
    ]);
    expect(changed).toBe('data:\n  task: c.jsonl\n  train: b.jsonl # about b\n');
  });

  it('add keys and sections that are missing, and take away what is empty then', () => {
    const added = withValues('model: embedded\n', [[['tuning', 'steps'], 5]]);
    expect(added).toBe('model: embedded\ntuning:\n  steps: 5\n');
    expect(withValues(added, [[['tuning', 'steps'], undefined]])).toBe('model: embedded\n');
    expect(withValues('', [[['model'], 'embedded']])).toBe('model: embedded\n');
  });

  it('keep their hands off a text that is no YAML', () => {
    const broken = 'tuning: [\n';
    expect(isEditable(broken)).toBe(false);
    expect(valuesOf(broken)).toBeUndefined();
    expect(withValues(broken, [[['name'], 'x']])).toBe(broken);
    expect(isEditable('just words')).toBe(false);
  });

  it('go through a section that is named and empty, and not through a value', () => {
    expect(withValues('a: 1\ntuning:\n', [[['tuning', 'steps'], 5]])).toBe('a: 1\ntuning:\n  steps: 5\n');
    expect(withValues('tuning: 7\n', [[['tuning', 'steps'], 5]])).toBe('tuning: 7\n');
    expect(withValues('a: 1\n', [[['tuning', 'steps'], undefined]])).toBe('a: 1\n');
  });

  it('read values by their keys', () => {
    const values = valuesOf('tuning:\n  steps: 10\n');
    expect(valueAt(values, ['tuning', 'steps'])).toBe(10);
    expect(valueAt(values, ['tuning', 'every', 'x'])).toBeUndefined();
  });

  it('know the line of a key, or of the section where it is missing', () => {
    const text = '# a comment\nname: a\ntuning:\n  methods: [circuit,\n    fulll]\n  steps: 10\n';
    expect(lineOfKey(text, ['tuning', 'steps'])).toBe(6);
    expect(lineOfKey(text, ['tuning', 'methods', 1])).toBe(5);
    expect(lineOfKey(text, ['tuning', 'every'])).toBe(3);
    expect(lineOfKey(text, ['model'])).toBeUndefined();
  });
});
