import { readTask } from '@circuit-tuning/core';
import { describe, expect, it } from 'vitest';
import { emptyRow, rowsText } from '../../../src/page/setup/typedRows.js';

describe('rows that are typed by hand', () => {
  it('become the lines of a task, a space before each answer', () => {
    const text = rowsText([{ clean: 'the keys', corrupt: ' the key ', right: 'are, were', wrong: 'is' }]);
    expect(text).toBe('{"clean":"the keys","corrupt":"the key","answers":[" are"," were"],"wrong_answers":[" is"]}\n');
  });

  it('keep their line where rows before them are empty', () => {
    const rows = [emptyRow, { ...emptyRow, clean: 'the keys' }];
    expect(() => readTask(rowsText(rows), { name: 'typed rows' })).toThrow(
      'typed rows line 2: "answers" must hold at least one answer, got []. Correct the value.',
    );
  });
});
