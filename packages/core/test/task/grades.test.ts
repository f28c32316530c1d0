import { describe, expect, it } from 'vitest';
import { gradeAnswer, gradeRules, gradesOf, readGradedRows, shareOf, type GradeRule } from '../../src/index.js';

const right = (rule: GradeRule, text: string, ...answers: string[]): boolean => gradeAnswer(rule, text, answers).right;

describe('an answer', () => {
  it('is exact where it is the text of one of the answers, whatever the white space', () => {
    expect(right('exact', '  the  keys ', ' no', ' the keys')).toBe(true);
    expect(right('exact', 'The keys', 'the keys')).toBe(false);
    expect(right('exact', 'the keys .', 'the keys')).toBe(false);
  });

  it('contains the answer where its words stand in it in a row, without case, marks and articles', () => {
    expect(right('contains', 'It was The Norfolk, I think.', 'norfolk')).toBe(true);
    expect(right('contains', 'It was Norfolkshire.', 'norfolk')).toBe(false);
    expect(right('contains', 'New Jersey and York', 'New York')).toBe(false);
  });

  it.each([
    ['First 3 + 4 = 7.\n#### 7', '#### 7', true],
    ['#### $1,234.50 in total, of 9', '1234.5', true],
    ['so 12 apples, then 5', 'answer: 5', true],
    ['so 12 apples, then 5', '12', false],
    ['#### none, but 5', '5', true],
    ['it takes 7-2 steps', '2', true],
    ['it is -2', '-2', true],
    ['I do not know', '2', false],
  ])('of numbers: %j to %j is %j', (text, answer, is) => {
    expect(right('number', text, answer)).toBe(is);
  });

  it('stands between tags, the last of them, and is none without', () => {
    expect(gradeAnswer('tagged', 'so <answer>False</answer> no, <Answer> true\n</Answer>', ['True'])).toEqual({
      right: true,
      answer: 'true',
    });
    expect(gradeAnswer('tagged', 'True', ['True'])).toEqual({ right: false });
    expect(right('tagged', '<answer>N/A</answer>', '<answer>N/A</answer>')).toBe(true);
  });

  it.each([
    ['the Norfolk', 'Norfolk', true, 1],
    ['in Norfolk, England', 'Norfolk', false, 0.5],
    ['York', 'Norfolk', false, 0],
    ['', 'Norfolk', false, 0],
    ['a b b c', 'b b b d', false, 4 / 7],
  ])('has the exact match and the F1 of the published script: %j to %j', (text, answer, em, f1) => {
    const grade = gradeAnswer('squad', text, ['nothing like it', answer]);
    expect([grade.right, grade.f1]).toEqual([em, expect.closeTo(f1, 12)]);
  });

  it('that is nothing is never right', () => {
    for (const rule of gradeRules) expect(gradeAnswer(rule, ' ', ['5']).right, rule).toBe(false);
  });
});

describe('grades of many', () => {
  it('are a share with its interval, and say how many said nothing', () => {
    const texts = ['5', 'five', '6', '5'];
    const grades = texts.map((text) => gradeAnswer('number', text, ['5']));
    const wanted = texts.map(() => ['5']);
    expect(gradesOf('number', grades, wanted)).toMatchObject({
      rule: 'number',
      examples: 4,
      accuracy: { share: 0.5 },
      unanswered: 1,
    });
    // Wilson's interval of 8 of 10, as tables have it
    const { low, high } = shareOf(8, 10);
    expect([low, high].map((x) => Number(x.toFixed(3)))).toEqual([0.49, 0.943]);
    expect(shareOf(10, 10)).toMatchObject({ share: 1, low: expect.closeTo(0.722, 3), high: 1 });
    expect(shareOf(0, 10).low).toBe(0);
  });

  it('have precision, recall and F1 as means over answers where they are tagged', () => {
    const tagged = (answer: string): string => `<answer>${answer}</answer>`;
    const said = [tagged('True'), tagged('False'), tagged('True'), 'no tag'];
    const wanted = [['True'], ['True'], ['False'], ['N/A']];
    const grades = said.map((text, i) => gradeAnswer('tagged', text, wanted[i]!));
    // true: 1 of 2 said, 1 of 2 wanted; the others never
    expect(gradesOf('tagged', grades, wanted).macro).toEqual({
      answers: 3,
      precision: 0.5 / 3,
      recall: 0.5 / 3,
      f1: 0.5 / 3,
    });
  });
});

describe('rows to be graded', () => {
  const tokenizer = {
    bosId: 0,
    addsBos: true,
    encode: (text: string) => [...text].map((letter) => letter.charCodeAt(0)),
    decode: (ids: readonly number[]) => String.fromCharCode(...ids),
  };
  const options = { name: 'sums', tokenizer, rule: 'number', maxTokens: 8, maxNewTokens: 2 } as const;
  const read = (row: object, more: object = {}) => readGradedRows(JSON.stringify(row), { ...options, ...more });

  it('have a prompt with its bos, and answers', () => {
    expect(read({ id: 'x', clean: '1+1=', answers: ['2', '2.0'], wrong_answers: ['3'] })).toEqual([
      { id: 'x', line: 1, text: '1+1=', prompt: [0, 49, 43, 49, 61], answers: ['2', '2.0'] },
    ]);
    expect(read({ clean_prefix: '1', patch_prefix: '2', clean_answer: '1', patch_answer: '2' })[0]).toMatchObject({
      id: 'sums:1',
      answers: ['1'],
    });
  });

  it('are refused where nothing could be right, where there is no room, and without answers or a tokenizer', () => {
    expect(() => read({ clean: '1', answers: ['one'] })).toThrow(
      'sums line 1: an answer must hold a number to be graded by the rule number, got ["one"]. Correct the row',
    );
    expect(() => read({ clean: '123456', answers: ['1'] })).toThrow(
      "sums line 1: prompt and answer must fit the model's context of 8 tokens, got 7 tokens of prompt and 2 for the answer.",
    );
    expect(() => read({ text: 'whole' })).toThrow(
      'sums line 1: a row must have a prompt and answers to be graded by, got a row of the form text. Write rows like {"clean"',
    );
    expect(() => read({ clean: '1', answers: ['1'] }, { tokenizer: undefined })).toThrow(
      'sums: answers are graded as text, which needs a tokenizer, got none beside the model.',
    );
    expect(() => readGradedRows('', options)).toThrow('sums: must hold at least one row to grade, got none.');
    const none = { addsBos: false, bosId: undefined };
    expect(() => read({ clean: '', answers: ['1'] }, { tokenizer: { ...tokenizer, ...none } })).toThrow(
      'sums line 1: a prompt must have at least one token, got "".',
    );
  });
});
