import { describe, expect, it } from 'vitest';
import {
  allEdges,
  circuitFromEdges,
  compareCircuits,
  edgeName,
  nameOfEdge,
  nodesOf,
  parseConfig,
  toGraphJson,
  type EdgeGraph,
} from '../../src/index.js';
import { gpt2Config } from '../model/tinyModels.js';

const nodes = nodesOf(parseConfig(gpt2Config));
const edges = [...allEdges(nodes)];
const R = nodes.reads.length;
const graph: EdgeGraph = { nodes, from: edges.map((edge) => Math.floor(edge / R)), to: edges.map((edge) => edge % R) };
const named = (...names: string[]): Uint32Array =>
  Uint32Array.from(edges.keys())
    .filter((i) => names.includes(nameOfEdge(graph, i)))
    .toSorted();
const a = named('input->a0.h0<q>', 'a0.h0->m0', 'm0->logits');
const b = named('input->a0.h0<q>', 'a0.h0->m0', 'a0.h0->a1.h1<v>', 'a1.h1->logits');

describe('two circuits', () => {
  const { edges: ofEdges, nodes: ofNodes, ...rest } = compareCircuits(graph, a, b);

  it('share edges and nodes, more or less than by chance', () => {
    expect(ofEdges).toMatchObject({ a: 3, b: 4, both: 2, of: nodes.edgeCount, overlap: 0.4 });
    const expected = 12 / nodes.edgeCount;
    expect(ofEdges.chance).toBeCloseTo(expected / (7 - expected), 12);
    // input, a0.h0, m0, logits and input, a0.h0, m0, a1.h1, logits
    expect(ofNodes).toMatchObject({ a: 4, b: 5, both: 4, of: 8, overlap: 0.8 });
  });

  it('are told apart edge by edge', () => {
    const names = (indices: Uint32Array): string[] => [...indices].map((i) => nameOfEdge(graph, i));
    expect(names(rest.both)).toEqual(['input->a0.h0<q>', 'a0.h0->m0']);
    expect(names(rest.onlyA)).toEqual(['m0->logits']);
    expect(names(rest.onlyB)).toEqual(['a0.h0->a1.h1<v>', 'a1.h1->logits']);
  });

  it('are compared by layer and by kind, parts that neither touches left out', () => {
    const told = (parts: readonly { part: string; a: number; b: number; both: number }[]): unknown[] =>
      parts.map((it) => [it.part, it.a, it.b, it.both]);
    expect(told(rest.edgesByLayer)).toEqual([
      ['layer 0', 2, 2, 2],
      ['layer 1', 0, 1, 0],
      ['logits', 1, 1, 0],
    ]);
    expect(told(rest.edgesByKind)).toEqual([
      ['input → q', 1, 1, 1],
      ['attention → MLP', 1, 1, 1],
      ['attention → v', 0, 1, 0],
      ['attention → logits', 0, 1, 0],
      ['MLP → logits', 1, 0, 0],
    ]);
    expect(told(rest.nodesByKind)).toEqual([
      ['input', 1, 1, 1],
      ['attention', 1, 2, 1],
      ['MLP', 1, 1, 1],
      ['logits', 1, 1, 1],
    ]);
    expect(told(rest.nodesByLayer)).toContainEqual(['layer 1', 0, 1, 0]);
  });

  it('become a circuit file again', () => {
    const scores = new Float32Array(nodes.sources.length * R).fill(0.5);
    const json = toGraphJson({ nodes, edges: Uint32Array.of(edges[0]!) }, scores, { metric: 'nll' });
    const inside = new Set(['a0.h0->m0']);
    const made = circuitFromEdges(json, inside, () => 2, { made: 'by hand' });
    const expected = toGraphJson(
      { nodes, edges: Uint32Array.of(edges.find((edge) => edgeName(nodes, edge) === 'a0.h0->m0')!) },
      scores.fill(2),
      { made: 'by hand' },
    );
    expect(made).toEqual(expected);
  });
});
