import { describe, expect, it } from 'vitest';
import { examplePrompt } from '../../../src/page/prompt/example.js';

describe('the prompt to begin with', () => {
  it('is an example of the task up to its answer, the longest that fits a narrow box', () => {
    expect(examplePrompt('\n{"clean":"the dog","corrupt":"the dogs","answers":[" was"]}\n{"clean":"x"}')).toBe(
      'the dog',
    );
    expect(examplePrompt('{"clean_prefix":"The keys","patch_prefix":"The key"}')).toBe('The keys');
  });

  it('is not longer than a box, unless all are', () => {
    const long = '{"clean":"one two three four five six seven"}';
    expect(examplePrompt(`${long}\n{"clean":"one two"}`)).toBe('one two');
    expect(examplePrompt(long)).toBe('one two three four five six seven');
  });

  it('is the beginning of a text where there is no prompt', () => {
    expect(examplePrompt('{"text":"Leo kept his hat ."}')).toBe('Leo kept his');
  });

  it('is nothing where the rows hold no text, or none that can be read', () => {
    for (const rows of ['', '{"tokens":[1,2]}', '{"clean":', '[', '{"clean":7}'])
      expect(examplePrompt(rows)).toBeUndefined();
  });
});
