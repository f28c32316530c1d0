import { describe, expect, it } from 'vitest';
import { stays, turnover, type Members } from '../../src/index.js';

const at = (step: number, ...members: number[]): Members => ({ step, members: Uint32Array.from(members) });
const searches = [at(0, 1, 2, 3), at(10, 2, 3, 4), at(20, 1, 2, 3)];

describe('turnover', () => {
  it('counts who entered and who left, and compares with the search before and the first', () => {
    expect(turnover(searches)).toEqual([
      { size: 3, entered: 3, left: 0, previous: 1, first: 1 },
      { size: 3, entered: 1, left: 1, previous: 0.5, first: 0.5 },
      { size: 3, entered: 1, left: 1, previous: 0.5, first: 1 },
    ]);
  });

  it('says of each member when it entered, when it was gone for good, how often it came, and in what share it is', () => {
    expect(stays(searches)).toEqual([
      { member: 2, entered: 0, entries: 1, searches: 3, persistence: 1 },
      { member: 3, entered: 0, entries: 1, searches: 3, persistence: 1 },
      { member: 1, entered: 0, entries: 2, searches: 2, persistence: 2 / 3 },
      { member: 4, entered: 10, left: 20, entries: 1, searches: 1, persistence: 1 / 3 },
    ]);
  });

  it('is empty without searches, and takes empty circuits', () => {
    expect([turnover([]), stays([])]).toEqual([[], []]);
    expect(turnover([at(0), at(5)])[1]).toEqual({ size: 0, entered: 0, left: 0, previous: 1, first: 1 });
  });
});
