import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import {
  grad,
  Graph,
  objectiveInputs,
  readout,
  vocabularyChunks,
  type Capabilities,
  type ModelConfig,
} from '../../src/index.js';

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

/** Shapes of all logits computed, forward and for the gradient of the stream, when an objective looks at M of N rows. */
function logitShapes(M: number, N: number): (readonly number[])[] {
  const graph = new Graph();
  const chunks = [
    { first: 0, rows: 30_000 },
    { first: 30_000, rows: 20_257 },
  ];
  const weights = chunks.map(({ rows }, i) => graph.param(`W[${i}]`, [rows, 4]));
  const x = graph.param('x', [N, 4]);
  const objective = objectiveInputs(graph, { N, M, P: 1 });
  const { picked, lse } = readout(graph, x, objective, weights, chunks);
  const { seedPicked, seedLse } = objective;
  const seeds = new Map([
    [picked, seedPicked],
    [lse, seedLse],
  ]);
  expect(grad(graph, { seeds, wrt: [x] }).get(x)!.shape).toEqual([N, 4]);
  return graph.calls.filter(({ op }) => op.name === 'matmulNT').map(({ outs }) => outs.y!.shape);
}

test('only rows that an objective looks at have logits', () =>
  expect(logitShapes(8, 256)).toEqual([
    [8, 30_000],
    [8, 20_257],
  ]));

test('logits of many rows are computed again for the gradient instead of kept', () => {
  expect(logitShapes(256, 256)).toHaveLength(2);
  expect(logitShapes(512, 512)).toHaveLength(4);
});
