import { expect, test } from 'vitest';
import { changes, ENTERED, GREW, KEPT, LEFT, SHRANK, type CircuitSet } from '../../../src/draw/circuitData.js';
import { greatestOf, nodesJoined, turnoverInWords, turnoverOf } from '../../../src/page/time/change.js';

const nodes = {
  layers: 1,
  heads: 2,
  kvHeads: 2,
  sources: ['input', 'a0.h0'],
  reads: ['a0.h0<q>', 'a0.h0<k>', 'logits'],
};
const graph = { nodes, from: Uint32Array.of(0, 0, 0, 1), to: Uint32Array.of(0, 1, 2, 2) };

test('the changes of a picture are counted, grown and shrunken among those that stayed', () => {
  expect(turnoverOf({ change: [KEPT, ENTERED, LEFT, LEFT, GREW, SHRANK, SHRANK] })).toEqual({
    entered: 1,
    left: 2,
    stayed: 4,
    grew: 1,
    shrank: 2,
  });
});

test('counts agree with what two circuits hold', () => {
  const set: CircuitSet = {
    ...graph,
    circuits: [
      { key: 'before', score: [1, 2, 3, 4], inside: [0, 1, 2], of: 4 },
      { key: 'after', score: [1, -4, 3, 9], inside: [1, 2, 3], of: 4 },
    ],
  };
  expect(turnoverOf(changes(set, 1, 0))).toEqual({ entered: 1, left: 1, stayed: 2, grew: 1, shrank: 0 });
});

test('a change is told in words, and what did not happen is left out', () => {
  const none = { entered: 0, left: 0, stayed: 20, grew: 0, shrank: 0 };
  expect(turnoverInWords(none)).toBe('the same edges, about as strong as before');
  expect(turnoverInWords({ ...none, grew: 2 })).toBe('the same edges; of them 2 grew by a quarter or more');
  expect(turnoverInWords({ ...none, entered: 3, left: 3, stayed: 17 })).toBe('3 entered, 3 left, 17 stayed');
  expect(turnoverInWords({ entered: 3, left: 3, stayed: 17, grew: 2, shrank: 5 })).toBe(
    '3 entered, 3 left, 17 stayed; of those that stayed 2 grew and 5 shrank by a quarter or more',
  );
});

test('reads of one node are one node', () => {
  expect(nodesJoined(graph, [0, 1])).toBe(2);
  expect(nodesJoined(graph)).toBe(3);
});

test('the greatest score is that of edges in a circuit, whatever its sign', () => {
  const score = Float32Array.of(1, -5, 3, 90);
  expect(
    greatestOf([
      { score, inside: Uint32Array.of(0, 1) },
      { score, inside: Uint32Array.of(2) },
    ]),
  ).toBe(5);
  expect(greatestOf([])).toBe(0);
});
