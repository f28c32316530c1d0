import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../src/task/index.js';

// The same cases on every run.
fc.configureGlobal({ seed: 1 });

test('the generator is xoshiro128**: from state 1 2 3 4 it gives the published numbers', () => {
  const random = Random.from([1, 2, 3, 4]);
  expect(Array.from({ length: 5 }, () => random.u32())).toEqual([11520, 0, 5927040, 70819200, 2031721883]);
});

test('one seed gives one sequence, and a saved state goes on where it stood', () => {
  const random = new Random(7);
  random.u32();
  const resumed = Random.from(random.state);
  const again = new Random(7);
  again.u32();
  for (let i = 0; i < 20; i++) {
    const drawn = random.u32();
    expect(resumed.u32()).toBe(drawn);
    expect(again.u32()).toBe(drawn);
  }
});

test('seeds and streams differ from each other, large seeds included', () => {
  const firsts = [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
    [-1, 0],
    [2 ** 32, 0],
    [2 ** 33, 0],
    [0, 2 ** 32],
  ].map(([seed, stream]) => new Random(seed ?? 0, stream).u32());
  expect(new Set(firsts).size).toBe(firsts.length);
});

test('a shuffle keeps every item and a sample has no item twice', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer()), fc.nat(), fc.nat(50), (items, seed, count) => {
      expect(new Random(seed).shuffle(items).toSorted()).toEqual(items.toSorted());
      const sample = new Random(seed).sample(items, count);
      expect(sample.length).toBe(Math.min(count, items.length));
      expect(new Set(sample).size).toBe(sample.length);
      expect(items).toEqual(expect.arrayContaining(sample));
    }),
  );
});

test('numbers are spread as they should be: mean and spread of 20,000 draws', () => {
  const random = new Random(3);
  const n = 20_000;
  const mean = (draw: () => number) => Array.from({ length: n }, draw).reduce((so, x) => so + x, 0) / n;
  expect(mean(() => random.float())).toBeCloseTo(0.5, 2);
  expect(mean(() => random.below(6))).toBeCloseTo(2.5, 1);
  expect(mean(() => random.normal())).toBeCloseTo(0, 1);
  expect(mean(() => random.normal() ** 2)).toBeCloseTo(1, 1);
});
