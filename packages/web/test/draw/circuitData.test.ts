import { describe, expect, it } from 'vitest';
import { circuitSet, compared, edgesOfCircuit, ENTERED, KEPT, LEFT } from '../../src/draw/circuitData.js';
import { graph, small } from './graphs.js';

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
    expect(compared(set, 0, 1, LEFT)).toMatchObject({ score: [0.5, -2, 0.25, 3], change: [LEFT, LEFT, LEFT, KEPT] });
    expect(compared(set, 1, 0, ENTERED)).toMatchObject({ score: [4, 9], change: [KEPT, ENTERED] });
    // in the file, though not in the circuit; and in no file at all
    expect(set.circuits[1]!.score).toEqual([null, -1, null, 4, 9]);
    expect(compared(set, 0, undefined, LEFT).change).toEqual([KEPT, KEPT, KEPT, KEPT]);
  });
});
