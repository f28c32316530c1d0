import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { nthLargest } from '../../src/circuit/nthLargest.js';

test('the n-th largest number is the one that a sort puts there, among equals too', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 60 }), fc.nat(), (list, any) => {
      const n = 1 + (any % list.length);
      const sorted = list.toSorted((a, b) => b - a);
      expect(nthLargest(Float64Array.from(list), n)).toBe(sorted[n - 1]);
    }),
    { seed: 1 },
  );
});

test('numbers of every size and either sign are told apart', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 60 }), fc.nat(), (list, any) => {
      const n = 1 + (any % list.length);
      const sorted = list.toSorted((a, b) => b - a);
      // + 0: zeros of either sign are equal
      expect(nthLargest(Float64Array.from(list), n) + 0).toBe(sorted[n - 1]! + 0);
    }),
    { seed: 2 },
  );
});
