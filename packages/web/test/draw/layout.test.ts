import { nodesOf, type ModelConfig } from '@circuit-tuning/core';
import { describe, expect, it } from 'vitest';
import { edgeUnder, nodeUnder } from '../../src/draw/hit.js';
import { edgeCurves, layoutCircuit, strengths, weakestFirst, type CircuitLayout } from '../../src/draw/layout.js';

const config: ModelConfig = {
  modelType: 'llama',
  L: 3,
  D: 16,
  H: 4,
  K: 2,
  E: 4,
  F: 128,
  V: 50,
  T: 16,
  norm: 'rmsnorm',
  eps: 1e-5,
  position: { kind: 'rope', theta: 1e4 },
  act: 'swiglu',
  qkvBias: false,
  outBias: false,
  tied: true,
};
const model = (more: Partial<ModelConfig> = {}, convention: 'eap-ig' | 'circuit-tuning' = 'eap-ig') => {
  const { sources, reads, config: of } = nodesOf({ ...config, ...more }, { convention });
  return { layers: of.L, heads: of.H, kvHeads: of.K, sources, reads };
};
const place = ({ nodes, nodeAt }: CircuitLayout, name: string) => nodes[nodeAt.get(name)!]!;

describe('the layout of a circuit', () => {
  it.each(['eap-ig', 'circuit-tuning'] as const)('puts every source above all it can read from, %s', (convention) => {
    const nodes = model({}, convention);
    const layout = layoutCircuit(nodes, 600);
    const { reach } = nodesOf(config, { convention });
    for (const [r, into] of layout.into.entries())
      for (let s = 0; s < reach[r]!; s++) expect(layout.out[s]!.y).toBeGreaterThan(into.y);
  });

  it('keeps every node inside the picture and apart from the others of its row', () => {
    for (const width of [320, 1000]) {
      const layout = layoutCircuit(model({ H: 32, K: 32 }), width);
      for (const row of layout.rows)
        for (const [i, n] of row.entries()) {
          const { x, y, rx, ry } = layout.nodes[n]!;
          expect(x - rx).toBeGreaterThan(0);
          expect(x + rx).toBeLessThan(layout.width);
          expect(y - ry).toBeGreaterThan(0);
          expect(y + ry).toBeLessThan(layout.height);
          if (i > 0) expect(x - rx).toBeGreaterThan(layout.nodes[row[i - 1]!]!.x + rx);
        }
    }
  });

  it('grows wider than its place rather than let heads touch', () => {
    expect(layoutCircuit(model(), 320).width).toBe(320);
    expect(layoutCircuit(model({ H: 32, K: 32 }), 320).width).toBeGreaterThan(400);
  });

  it('shows query, key and value of a head from left to right', () => {
    const nodes = model({ K: 4 });
    const layout = layoutCircuit(nodes, 600);
    const [q, k, v] = ['q', 'k', 'v'].map((what) => layout.into[nodes.reads.indexOf(`a1.h2<${what}>`)]!.x);
    expect(q).toBeLessThan(k!);
    expect(k).toBeLessThan(v!);
    expect(layout.shared).toEqual([]);
  });

  it('gives keys and values that heads share to all of these heads', () => {
    const nodes = model();
    const layout = layoutCircuit(nodes, 600);
    const key = layout.into[nodes.reads.indexOf('a1.h1<k>')]!;
    expect(key.nodes.map((n) => layout.nodes[n]!.name)).toEqual(['a1.h2', 'a1.h3']);
    expect(key.x).toBeGreaterThan(place(layout, 'a1.h2').x - 12);
    expect(key.x).toBeLessThan(place(layout, 'a1.h3').x);
    expect(layout.shared).toHaveLength(3 * 2);
  });

  it('refuses a name that is no node', () => {
    expect(() => layoutCircuit({ ...model(), sources: ['x3'] }, 600)).toThrow(
      'x3: must be input, a<layer>.h<head>, m<layer>, m<layer>.b<block> or logits',
    );
  });
});

describe('edges in the layout', () => {
  const nodes = model();
  const layout = layoutCircuit(nodes, 600);
  const edges = {
    from: [0, 0, 5],
    to: [nodes.reads.indexOf('m0'), nodes.reads.indexOf('logits'), nodes.reads.indexOf('logits')],
    score: [1, -4, 0],
  };

  it('draw the strongest last', () => {
    expect([...strengths(edges)]).toEqual([0.5, 1, 0]);
    expect([...weakestFirst(strengths(edges))]).toEqual([2, 0, 1]);
  });

  it('bow around what stands between their ends, and stay in the picture', () => {
    const curves = edgeCurves(layout, edges);
    const straight = curves.subarray(8, 16);
    expect(Math.abs(straight[2]! - straight[0]!)).toBeGreaterThan(30);
    for (let i = 0; i < curves.length; i += 2) {
      expect(curves[i]).toBeGreaterThan(0);
      expect(curves[i]).toBeLessThan(layout.width);
    }
  });

  it('are found under a pointer, the strongest of those that cross there', () => {
    const curves = edgeCurves(layout, edges);
    const order = weakestFirst(strengths(edges));
    const middle = (i: number) =>
      [0, 1].map(
        (d) =>
          (curves[i * 8 + d]! + 3 * curves[i * 8 + 2 + d]! + 3 * curves[i * 8 + 4 + d]! + curves[i * 8 + 6 + d]!) / 8,
      ) as [number, number];
    expect(edgeUnder(curves, order, ...middle(1))).toBe(1);
    expect(edgeUnder(curves, order, curves[0]!, curves[1]! + 1)).toBe(1);
    expect(edgeUnder(curves, order, 3, 3)).toBeUndefined();
    const { x, y } = place(layout, 'm2');
    expect(layout.nodes[nodeUnder(layout, x + 5, y)!]!.name).toBe('m2');
    expect(nodeUnder(layout, 3, 3)).toBeUndefined();
  });

  it('all have strength 0 where all scores are 0', () => {
    expect([...strengths({ ...edges, score: [0, 0, 0] })]).toEqual([0, 0, 0]);
  });
});
