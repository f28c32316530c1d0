/** How the deltas of sources are cut into parts of positions and blocks of sources. */
import { describe, expect, it } from 'vitest';
import { Graph, nodesOf, runOnCpu, type ModelConfig } from '../../src/index.js';
import { partsOf, stacked } from '../../src/attribution/sourceBlocks.js';

const gpt2: ModelConfig = {
  modelType: 'gpt2',
  L: 12,
  D: 768,
  H: 12,
  K: 12,
  E: 64,
  F: 3072,
  V: 50257,
  T: 1024,
  norm: 'layernorm',
  act: 'gelu_new',
  eps: 1e-5,
  tied: true,
  qkvBias: true,
  outBias: true,
  position: { kind: 'learned' },
};

describe('deltas of sources', () => {
  it('are made for all positions at once where there is room, and else in even parts', () => {
    const nodes = nodesOf(gpt2);
    expect(partsOf(256, nodes, { binding: 2 ** 27 })).toEqual([{ n0: 0, M: 256 }]);
    const parts = partsOf(1000, nodes, { bytes: 2 ** 27 });
    expect(parts.map(({ M }) => M)).toEqual([256, 256, 256, 232]);
    expect(parts.map(({ n0 }) => n0)).toEqual([0, 256, 512, 768]);
    // The reads of a layer must fit a binding too: 36 of 3 KiB.
    expect(partsOf(100, nodes, { binding: 36 * 3072 * 50 }).map(({ M }) => M)).toEqual([48, 48, 4]);
    expect(partsOf(3, nodes, { bytes: 1 }).map(({ M }) => M)).toEqual([1, 1, 1]);
  });

  it('lie in as few blocks as bindings hold, each group whole, all sources of a position together', () => {
    const graph = new Graph();
    const groups = [1, 2, 2, 1].map((count, i) => ({ at: 'attn', layer: i, first: [0, 1, 3, 5][i]!, count }) as const);
    const [M, D] = [2, 3];
    const leaves = new Map<string, number[]>();
    const blocks = stacked(
      graph,
      groups,
      ({ layer, first, count }) => {
        // source · 100 + position · 10 + channel
        const all = Array.from({ length: count * M * D }, (_, i) => {
          const [s, m, d] = [first + Math.floor(i / (M * D)), Math.floor(i / D) % M, i % D];
          return s * 100 + m * 10 + d;
        });
        leaves.set(`${layer}`, all);
        return graph.input(`${layer}`, count === 1 ? [M, D] : [count, M, D]);
      },
      { M, D, binding: 4 * M * D * 3 },
    );
    expect(blocks.map(({ first, count }) => [first, count])).toEqual([
      [0, 3],
      [3, 3],
    ]);
    const { second } = runOnCpu(graph, leaves, { second: blocks[1]!.deltas });
    expect(second!.join(' ')).toBe('300 301 302 400 401 402 500 501 502 310 311 312 410 411 412 510 511 512');
  });
});
