import { describe, expect, it } from 'vitest';
import { edgeUnder, nodeUnder } from '../../src/draw/hit.js';
import { edgeCurves, layoutCircuit } from '../../src/draw/layout.js';
import { bounded, inLayout, LARGEST, onStage, WHOLE, withInSight, zoomed } from '../../src/draw/sight.js';

const size = { width: 800, height: 500 };

describe('zoom and pan', () => {
  it('keeps the place under the pointer where it is', () => {
    const at = { x: 610, y: 90 };
    const before = zoomed(WHOLE, 3, { x: 300, y: 200 }, size);
    const after = zoomed(before, 1.7, at, size);
    const [a, b] = [inLayout(before, at), inLayout(after, at)];
    expect(b.x).toBeCloseTo(a.x, 9);
    expect(b.y).toBeCloseTo(a.y, 9);
  });

  it('shows nothing beside the picture, nor less than the whole of it', () => {
    expect(zoomed(zoomed(WHOLE, 4, { x: 0, y: 0 }, size), 0.1, { x: 700, y: 400 }, size)).toEqual(WHOLE);
    expect(bounded({ scale: 2, x: 50, y: -9999 }, size)).toEqual({ scale: 2, x: 0, y: -500 });
    expect(zoomed(WHOLE, 1e6, { x: 1, y: 1 }, size).scale).toBe(LARGEST);
  });

  it('brings a node into sight, and leaves the picture where it is seen already', () => {
    const near = zoomed(WHOLE, 8, { x: 0, y: 0 }, size);
    const node = { x: 700, y: 450 };
    const { x, y } = onStage(withInSight(near, node, size), node);
    expect(x).toBeGreaterThan(0);
    expect(x).toBeLessThan(size.width);
    expect(y).toBeGreaterThan(0);
    expect(y).toBeLessThan(size.height);
    const moved = withInSight(near, node, size);
    expect(withInSight(moved, node, size)).toEqual(moved);
  });
});

describe('what lies under a pointer, zoomed in', () => {
  const nodes = {
    layers: 2,
    heads: 3,
    kvHeads: 3,
    sources: ['input', 'a0.h0', 'a0.h1', 'a0.h2', 'm0'],
    reads: ['a0.h0<q>', 'a1.h2<v>', 'm0', 'm1', 'logits'],
  };
  const layout = layoutCircuit(nodes, size.width, size.height);
  const curves = edgeCurves(layout, { from: [1, 0], to: [4, 3], score: [1, 1] });
  const sight = zoomed(WHOLE, 6, { x: 380, y: 300 }, size);
  const find = (stage: { x: number; y: number }) => {
    const { x, y } = inLayout(sight, stage);
    return {
      node: nodeUnder(layout, x, y, 3 / sight.scale),
      edge: edgeUnder(curves, [0, 1], x, y, 6 / sight.scale),
    };
  };

  it('is the node drawn there, and three pixels around it', () => {
    const i = layout.nodeAt.get('a0.h1')!;
    const node = layout.nodes[i]!;
    const { x, y } = onStage(sight, node);
    expect(find({ x: x + node.rx * sight.scale + 2, y }).node).toBe(i);
    expect(find({ x: x + node.rx * sight.scale + 5, y }).node).toBeUndefined();
  });

  it('is the edge drawn there, and six pixels around it', () => {
    const middle = (axis: number) =>
      (curves[axis]! + 3 * curves[axis + 2]! + 3 * curves[axis + 4]! + curves[axis + 6]!) / 8;
    const { x, y } = onStage(sight, { x: middle(0), y: middle(1) });
    expect(find({ x, y }).edge).toBe(0);
    expect(find({ x: x + 60, y: y + 4 }).edge).not.toBe(0);
  });
});

describe('a layout in a box', () => {
  const many = (layers: number, heads: number, blocks: number) => {
    const sources = ['input'];
    const reads: string[] = [];
    for (let layer = 0; layer < layers; layer++) {
      for (let head = 0; head < heads; head++) {
        sources.push(`a${layer}.h${head}`);
        reads.push(`a${layer}.h${head}<q>`);
      }
      for (let block = 0; block < blocks; block++) {
        sources.push(`m${layer}.b${block}`);
        reads.push(`m${layer}.b${block}`);
      }
    }
    return { layers, heads, kvHeads: heads, sources, reads: [...reads, 'logits'] };
  };

  it.each([
    [2, 4, 1, 1000, 600],
    [48, 25, 1, 1000, 600],
    [32, 32, 32, 360, 500],
    [4, 12, 1000, 900, 600],
  ])(
    'of %d layers with %d heads and %d blocks keeps all nodes inside and apart',
    (layers, heads, blocks, width, height) => {
      const layout = layoutCircuit(many(layers, heads, blocks), width, height);
      expect([layout.width, layout.height]).toEqual([width, height]);
      for (const [r, row] of layout.rows.entries())
        for (const [i, n] of row.entries()) {
          const { x, y, rx, ry } = layout.nodes[n]!;
          expect(x - rx).toBeGreaterThan(0);
          expect(x + rx).toBeLessThan(width);
          expect(y - ry).toBeGreaterThan(0);
          expect(y + ry).toBeLessThan(height);
          if (i > 0) expect(x - rx).toBeGreaterThan(layout.nodes[row[i - 1]!]!.x);
          if (r > 0) expect(y).toBeLessThan(layout.nodes[layout.rows[r - 1]![0]!]!.y);
        }
    },
  );
});
