import { describe, expect, it } from 'vitest';
import { changeText, shareRows, shareText, visible } from '../../../src/page/prompt/shares.js';

const token = (id: number, share: number) => ({ id, text: ` t${id}`, share });

describe('shares of the next token', () => {
  it('stand side by side, the largest of any column first', () => {
    const rows = shareRows(
      { tokens: ['a'], step: 3, base: [token(1, 0.7), token(2, 0.2)], tuned: [token(3, 0.6), token(1, 0.3)] },
      8,
    );
    expect(rows.map(({ id, shares }) => [id, shares])).toEqual([
      [1, { base: 0.7, tuned: 0.3 }],
      [3, { tuned: 0.6 }],
      [2, { base: 0.2 }],
    ]);
  });

  it('are cut to the likeliest, ties in the order of the vocabulary', () => {
    const base = [token(5, 0.1), token(4, 0.1), token(9, 0.5)];
    expect(shareRows({ tokens: [], step: 0, base }, 2).map(({ id }) => id)).toEqual([9, 4]);
  });

  it('are percentages short enough to compare', () => {
    expect([0.623, 0.0994, 0.0996, 0.004, 0.0004, 1].map(shareText)).toEqual([
      '62%',
      '9.9%',
      '10%',
      '0.4%',
      '<0.1%',
      '100%',
    ]);
  });

  it('say how many points they changed by, and nothing where that is less than one', () => {
    expect([changeText(0.1, 0.41), changeText(0.41, 0.29), changeText(0.2, 0.203)]).toEqual(['+31', '−12', undefined]);
  });

  it('show the space that a word begins with, and ends of lines', () => {
    expect([' are', '\n', 'ing'].map(visible)).toEqual(['␣are', '↵', 'ing']);
  });
});
