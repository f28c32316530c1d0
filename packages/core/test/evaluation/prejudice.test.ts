import { describe, expect, it } from 'vitest';
import { prejudiceOf, readTask, requireGroups } from '../../src/index.js';

const rows = (...groups: (string | undefined)[]) =>
  readTask(
    groups
      .map((group) =>
        JSON.stringify({ tokens: [1, 2], targets: [{ pos: 2, good: 3, bad: 4 }], ...(group && { group }) }),
      )
      .join('\n'),
    { name: 'rows' },
  ).examples;

describe('prejudice risk', () => {
  it('is |p − q| of the two words, the mean over groups of means over their rows', () => {
    // p : q is 3 : 1, 1 : 3, and 1 : 1
    const three = Math.log(3);
    const { risk, bias, groups } = prejudiceOf(rows('nurse', 'nurse', 'guard'), [three, -three, 0]);
    expect(groups).toEqual([
      { group: 'nurse', examples: 2, risk: expect.closeTo(0.5, 10), bias: 0 },
      { group: 'guard', examples: 1, risk: 0, bias: 0 },
    ]);
    expect(risk).toEqual({ mean: expect.closeTo(0.25, 10), margin: expect.closeTo((1.96 * 0.5) / 2, 10) });
    expect(bias.mean).toBe(0);
  });

  it('counts a group once, however many rows it has', () => {
    const { risk, bias } = prejudiceOf(rows('a', 'b', 'b', 'b'), [-50, 0, 0, 0]);
    expect([risk.mean, bias.mean]).toEqual([0.5, -0.5]);
  });

  it('needs groups, and two words at one place', () => {
    expect(() => requireGroups(rows('a', undefined), 'rows')).toThrow(
      'rows line 2: prejudice risk is a mean over groups, so each row must name its own, got none for "rows:2". Add "group"',
    );
    const two = { tokens: [1, 2], targets: [{ pos: 2, good: 3 }], group: 'a' };
    const [example] = readTask(JSON.stringify(two), { name: 'rows' }).examples;
    expect(() => requireGroups([example!], 'rows')).toThrow(
      'rows line 1: prejudice risk needs one good and one bad token at one place, got 1 of them in "rows:1".',
    );
  });
});
