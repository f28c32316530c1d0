import { describe, expect, it } from 'vitest';
import { analyseMethod, type EdgeGraph, type Search } from '../../src/index.js';

const graph: EdgeGraph = {
  nodes: { sources: ['input', 'a0.h0', 'm0'], reads: ['a0.h0<q>', 'm0', 'logits'] },
  from: [0, 0, 1, 1, 2],
  to: [0, 1, 1, 2, 2],
};
const search = (step: number, inside: number[], score: number[]): Search => ({
  step,
  inside: Uint32Array.from(inside),
  score: Float32Array.from(score),
});

describe('the analysis of a method', () => {
  const searches = [0, 10, 20, 30].map((step) =>
    search(step, step < 20 ? [0, 2] : [0, 4], [1, 0, -2, 0, -(step / 10 + 1)]),
  );
  const before = searches[0]!;
  const after = searches[3]!;

  it('names edges and nodes, and tells those that were in a circuit or changed', () => {
    const { analysis, notes } = analyseMethod(graph, { method: 'circuit', searches, before, after }, 0.05);
    expect(notes).toEqual([
      'circuit searched 4 times: among 5 edges a single one passes from |r| = 0.990 on, so "unchanged" says little.',
    ]);
    expect(analysis.searches[2]).toMatchObject({
      step: 20,
      edges: { size: 2, entered: 1, left: 1, previous: 1 / 3, first: 1 / 3 },
      nodes: { size: 4, entered: 1, left: 0, previous: 3 / 4 },
    });
    expect(analysis.edges.map(({ name, persistence }) => [name, persistence])).toEqual([
      ['input->a0.h0<q>', 1],
      ['a0.h0->m0', 0.5],
      ['m0->logits', 0.5],
    ]);
    expect(analysis.nodes.at(-1)).toMatchObject({ name: 'logits', entered: 20, persistence: 0.5 });
    expect(analysis.trends).toMatchObject({ tested: 5, strengthened: 1, weakened: 0, unchanged: 4 });
    expect(analysis.trends!.edges[0]).toMatchObject({
      name: 'm0->logits',
      verdict: 'strengthened',
      first: -1,
      last: -4,
    });
    expect(analysis.trends!.edges).toHaveLength(3);
    expect(analysis.drift!.edges).toMatchObject({ both: 1, overlap: 1 / 3 });
    expect(analysis.drift).not.toHaveProperty('onlyA');
  });

  it('says what searches are worth that drift together', () => {
    const drift = (n: number, speed: number) =>
      Array.from({ length: n }, (_, i) => search(i, [0], Array<number>(5).fill(2 + Math.sin(i * speed))));
    const notesOf = (searches: Search[]) => analyseMethod(graph, { method: 'circuit', searches }, 0.05).notes;
    expect(notesOf(drift(30, 1 / 5))).toEqual([
      'circuit searched 30 times, which drift together and are worth 2.0 independent ones: too few to tell a trend from ' +
        'a drift, so "unchanged" says nothing.',
    ]);
    expect(notesOf(drift(30, 1))).toEqual([
      expect.stringMatching(
        /^circuit searched 30 times, which drift together and are worth \d\.\d independent ones: among 5 edges/,
      ),
    ]);
    expect(notesOf(drift(40, 1.6))).toEqual([]);
  });

  it('says where there are too few searches for a trend', () => {
    const { analysis, notes } = analyseMethod(graph, { method: 'fixed', searches: searches.slice(0, 1), before }, 0.05);
    expect(notes).toEqual(['fixed searched once: a trend takes 3 searches at least.']);
    expect(analysis.trends).toBeUndefined();
    expect(analysis.drift).toBeUndefined();
  });

  it('is quiet of a method that does not search', () => {
    const { analysis, notes } = analyseMethod(graph, { method: 'full', searches: [], before, after }, 0.05);
    expect([analysis.searches, notes]).toEqual([[], []]);
    expect(analysis.drift!.nodes.of).toBe(4);
  });
});
