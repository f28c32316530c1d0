import { describe, expect, it } from 'vitest';
import { nodeNames, whyNoPart } from '../../../src/page/prompt/parts.js';

const graph = {
  nodes: { layers: 2, heads: 1, kvHeads: 1, sources: ['input', 'a0.h0', 'm1'], reads: ['a0.h0<q>', 'm1', 'logits'] },
  from: Uint32Array.of(0, 0, 1, 2),
  to: Uint32Array.of(0, 1, 1, 2),
};

describe('parts that can be switched off', () => {
  it('are nodes, each once, the places where they read, and edges', () => {
    expect(nodeNames(graph)).toEqual(['input', 'a0.h0', 'm1', 'logits']);
    for (const part of ['a0.h0', 'logits', 'a0.h0<q>', 'a0.h0->m1']) expect(whyNoPart(graph, part)).toBeUndefined();
  });

  it('are explained where there is no such part', () => {
    expect(whyNoPart(graph, 'a9.h9')).toBe(
      'This model has no part a9.h9. Write one as a0.h1, m2, a0.h1<q> or a0.h1->m2.',
    );
    expect(whyNoPart(graph, 'a9.h9->m1')).toBe('No edge begins at a9.h9.');
    expect(whyNoPart(graph, 'input->a0.h0')).toBe(
      'No edge ends at a0.h0. Heads read as a0.h0<q>, a0.h0<k> or a0.h0<v>.',
    );
    expect(whyNoPart(graph, 'm1->a0.h0<q>')).toBe(
      'There is no edge m1->a0.h0<q>: edges go up, from one layer to a later one.',
    );
  });
});
