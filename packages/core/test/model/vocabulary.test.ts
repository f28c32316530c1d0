import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { vocabularyChunks, type Capabilities, type ModelConfig } from '../../src/index.js';

// The same cases on every run.
fc.configureGlobal({ seed: 1 });

const chunksOf = (V: number, D: number, binding: number) =>
  vocabularyChunks(
    { V, D } as ModelConfig, // nothing else is looked at
    { limits: { maxStorageBufferBindingSize: binding, maxBufferSize: 2 * binding } } as Capabilities,
  );

test('a small vocabulary is one chunk', () => expect(chunksOf(250, 64, 2 ** 27)).toEqual([{ first: 0, rows: 250 }]));

test("GPT-2's vocabulary is cut into chunks of a multiple of four rows, and the odd row stands alone", () => {
  const chunks = chunksOf(50_257, 768, 2 ** 27);
  expect(chunks.map(({ rows }) => rows)).toEqual([7180, 7180, 7180, 7180, 7180, 7180, 7176, 1]);
});

test('chunks follow one another, hold every row once and fit the binding', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200_000 }),
      fc.integer({ min: 1, max: 64 }),
      fc.integer({ min: 9, max: 27 }),
      (V, D, log) => {
        fc.pre(4 * D <= 2 ** log && V * D * 4 < 4000 * 2 ** log);
        let next = 0;
        for (const { first, rows } of chunksOf(V, D, 2 ** log)) {
          expect(first).toBe(next);
          expect(rows).toBeGreaterThan(0);
          expect(rows * D * 4).toBeLessThanOrEqual(2 ** log);
          next += rows;
        }
        expect(next).toBe(V);
      },
    ),
  );
});
