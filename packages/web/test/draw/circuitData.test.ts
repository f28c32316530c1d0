import { describe, expect, it } from 'vitest';
import {
  changes,
  circuitSet,
  compared,
  edgesOfCircuit,
  ENTERED,
  GREW,
  KEPT,
  LEFT,
  SHRANK,
  type CircuitEdges,
} from '../../src/draw/circuitData.js';
import { changeOf } from '../../src/draw/compare.js';
import { foldLayers } from '../../src/draw/group.js';
import { graph, small } from './graphs.js';

const columns = ({ score, change = [] }: CircuitEdges) => ({ score: Array.from(score), change: Array.from(change) });
const named = (
  { sources, reads }: { sources: readonly string[]; reads: readonly string[] },
  { from, to, score }: CircuitEdges,
) => Object.fromEntries(Array.from(from, (s, i) => [`${sources[s]}->${reads[to[i]!]}`, score[i]!]));

describe('circuits as they are drawn', () => {
  it('holds the edges inside the circuit and all nodes of the graph', () => {
    const { nodes, from, to, circuits } = circuitSet([{ key: 'before', graph: small }]);
    expect(nodes).toMatchObject({ layers: 2, heads: 2, kvHeads: 2 });
    expect(nodes.sources).toEqual(['input', 'a0.h0', 'a0.h1', 'm1']);
    expect(nodes.reads).toEqual(['a0.h0<q>', 'm0', 'a1.h1<v>', 'logits']);
    expect(Array.from(from, (s, i) => `${nodes.sources[s]}->${nodes.reads[to[i]!]}`)).toEqual([
      'input->a0.h0<q>',
      'input->m0',
      'a0.h1->logits',
      'm1->logits',
    ]);
    expect(circuits[0]).toMatchObject({ score: [0.5, -2, 0.25, 3], inside: [0, 1, 2, 3], of: 5 });
  });

  it('takes the strongest edges by |score|, the strongest first', () => {
    const set = circuitSet([{ key: '', graph: small }]);
    expect(edgesOfCircuit(set, 0, 2).score).toEqual([3, -2]);
  });

  it('compares two circuits edge by edge, with the scores of both for every edge', () => {
    const after = graph({ 'input->m0': [-1, false], 'm1->logits': [4, true], 'a0.h0->a1.h1<v>': [9, true] });
    const set = circuitSet([
      { key: 'before', graph: small },
      { key: 'circuit', graph: after },
    ]);
    expect(columns(compared(set, 0, 1, LEFT))).toEqual({ score: [0.5, -2, 0.25, 3], change: [LEFT, LEFT, LEFT, GREW] });
    expect(columns(compared(set, 1, 0, ENTERED))).toEqual({ score: [4, 9], change: [GREW, ENTERED] });
    // in the file, though not in the circuit; and in no file at all
    expect(set.circuits[1]!.score).toEqual([null, -1, null, 4, 9]);
    expect(columns(compared(set, 0, undefined, LEFT)).change).toEqual([KEPT, KEPT, KEPT, KEPT]);
  });
});

describe('what became of an edge', () => {
  it.each([
    [1, 1.24, KEPT],
    [1, 1.25, GREW],
    [-1.25, 1, SHRANK],
    [-1, 1, KEPT],
    [0, 0, KEPT],
    [0, -1e-9, GREW],
    [Number.NaN, 0, ENTERED],
    [0, Number.NaN, LEFT],
  ])('from %d to %d', (before, after, change) => expect(changeOf(before, after)).toBe(change));

  it('is shown in one picture with the edges that left, at the score they had', () => {
    const now = graph({ 'input->m0': [-1, true], 'm1->logits': [3.1, true], 'a0.h0->a1.h1<v>': [9, true] });
    const set = circuitSet([
      { key: 'circuit/0', graph: small },
      { key: 'circuit/20', graph: now },
    ]);
    const both = changes(set, 1, 0);
    expect(named(set.nodes, both)).toEqual({
      'input->m0': -1,
      'm1->logits': 3.1,
      'a0.h0->a1.h1<v>': 9,
      'input->a0.h0<q>': 0.5,
      'a0.h1->logits': 0.25,
    });
    expect(columns(both).change).toEqual([SHRANK, KEPT, ENTERED, LEFT, LEFT]);
  });
});

describe('a circuit folded by layers', () => {
  const edges = {
    'input->a0.h0<q>': [0.5, true],
    'input->a0.h1<q>': [-2, true],
    'input->a0.h1<k>': [1, true],
    'a0.h0->m1.b0': [0.25, true],
    'a0.h1->m1.b3': [0.5, true],
    'm1.b2->logits': [3, true],
  } as const;
  const set = circuitSet([
    { key: 'before', graph: graph(edges) },
    { key: 'after', graph: graph({ ...edges, 'a0.h1->m1.b3': [0.1, true], 'm1.b2->logits': [3, false] }) },
  ]);
  const { nodes, fold } = foldLayers(set.nodes);

  it('adds |score| of the edges between two layers, and takes the sign of their sum', () => {
    expect(named(nodes, fold(edgesOfCircuit(set, 0)))).toEqual({
      'input->a0<q>': -2.5,
      'input->a0<k>': 1,
      'a0->m1': 0.75,
      'm1->logits': 3,
    });
  });

  it('compares the sums, not the edges', () => {
    const since = fold(changes(set, 1, 0));
    expect(named(nodes, since)).toMatchObject({ 'a0->m1': 0.35, 'm1->logits': 3 });
    expect(columns(since).change).toEqual([KEPT, KEPT, SHRANK, LEFT]);
    expect(columns(fold(compared(set, 0, 1, LEFT))).change).toEqual([KEPT, KEPT, SHRANK, LEFT]);
    expect(columns(fold(compared(set, 1, 0, ENTERED))).change).toEqual([KEPT, KEPT, SHRANK]);
  });
});
