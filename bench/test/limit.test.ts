/** The formulas of the limit against graphs as they are planned, and against numbers worked out by hand. */
import { describe, expect, it } from 'vitest';
import {
  Graph,
  nodesOf,
  objectiveInputs,
  PlainStream,
  readout,
  scoreGraph,
  tokenInputs,
  transformer,
  unembedParams,
} from '@circuit-tuning/core';
import { attribution, forward, products, tail, toActivations } from '../src/limit/work.js';
import { stepsOf } from '../src/limit/steps.js';
import { shapeOf } from '../src/shapes.js';

describe('limit', () => {
  it('counts the matrix products of a forward pass', () => {
    const [B, T] = [2, 8];
    for (const model of ['tiny', 'smollm2-135m']) {
      const config = { ...shapeOf(model), L: 2 };
      const chunks = [{ first: 0, rows: config.V }];
      const graph = new Graph();
      const architecture = { config, chunks, mlpGroups: 1, B, T };
      const x = transformer(graph, architecture, tokenInputs(graph, '', architecture), new PlainStream(graph));
      const objective = objectiveInputs(graph, { N: B * T, M: B * T, P: 1 });
      readout(graph, x, objective, unembedParams(graph, architecture), chunks);
      const flops = graph.calls
        .filter(({ op }) => op.name.startsWith('matmul'))
        .reduce((sum, { dims: { M, N, K } }) => sum + 2 * M! * N! * K!, 0);
      expect(products(config, { B, T, M: B * T }).flops, model).toBe(flops);
    }
  });

  it('counts visible pairs of attention only, twice as many products backward as forward', () => {
    const config = shapeOf('tiny');
    const shape = { B: 2, T: 8, M: 16 };
    // L 2, B 2, H 2, E 8: 36 of the 64 pairs are visible, 2 operations each
    const one = 2 * 2 * 2 * 8 * 36 * 2;
    expect(forward(config, shape).flops - products(config, shape).flops).toBe(2 * one);
    expect(toActivations(config, shape).flops - products(config, shape).flops).toBe(4 * one);
  });

  it('counts the last rows of examples a second time, there and back, where they alone are scored', () => {
    const [B, T, Q] = [2, 16, 4];
    for (const model of ['tiny', 'smollm2-135m']) {
      const config = { ...shapeOf(model), L: 2 };
      const { D, H, K, E } = config;
      const chunks = [{ first: 0, rows: config.V }];
      const shape = { M: 8, P: 2, rows: 8, tail: Q };
      const nodes = nodesOf(config, { mlpBlock: 'whole' });
      const how = { ablation: 'zero', prefix: 'scores' } as const;
      const { graph } = scoreGraph(nodes, { config, chunks, mlpGroups: 1, B, T }, shape, how);
      const flops = graph.calls
        .filter(({ op, label }) => op.name.startsWith('matmul') && label.startsWith('tail.'))
        .reduce((sum, { dims: { M, N, K } }) => sum + 2 * M! * N! * K!, 0);
      // the gradients of the first layer's queries, keys and values are where scores begin: they go no further back
      const last = 2 * B * Q * D * (H + 2 * K) * E;
      const looked = 6 * 2 * 2 * B * H * Q * T * E;
      expect(tail(config, { B, T, M: 0 }, Q).flops, model).toBe(flops + last + looked);
    }
  });

  it('scores the edges of a graph and no other pairs', () => {
    const nodes = nodesOf(shapeOf('gpt2'), { convention: 'circuit-tuning' });
    expect(nodes.edgeCount).toBe(31_890);
    const { deltas, reads, pairs } = attribution(nodes, 256);
    expect(pairs.flops).toBe(2 * 256 * 768 * 31_890);
    // as much as the products with W_O, and with W_Q, W_K and W_V, and what the norms take
    expect(deltas.flops).toBe(12 * 2 * 256 * 768 * 768);
    expect(reads.flops).toBe(12 * (3 * 2 * 256 * 768 * 768 + 36 * 8 * 256 * 768));
  });

  it('says that a search step may cost GPT-2 small less than a third more than a plain step', () => {
    const { full, search, masked, sharedAnswers } = stepsOf(shapeOf('gpt2'), { B: 8, T: 32, optimizer: 'sgd', tuned: 0.1 }); // prettier-ignore
    expect(search.flops / full.flops).toBeCloseTo(1.29, 2);
    expect(sharedAnswers.flops / masked.flops).toBeLessThan(1.04);
    expect(masked.flops / full.flops).toBeCloseTo(0.69, 2);
  });
});
