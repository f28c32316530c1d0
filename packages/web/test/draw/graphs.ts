/** Graphs small enough to be read in a test. */
import type { GraphJson } from '@circuit-tuning/core';

/** Edges by name: score, and whether it is in the circuit. */
export const graph = (
  edges: Readonly<Record<string, readonly [score: number, isInside: boolean]>>,
  { layers = 2, heads = 2, kvHeads = 2 } = {},
): GraphJson => ({
  cfg: { n_layers: layers, n_heads: heads, n_key_value_heads: kvHeads, parallel_attn_mlp: false, d_model: 8 },
  nodes: {},
  edges: Object.fromEntries(
    Object.entries(edges).map(([name, [score, isInside]]) => [name, { score, in_graph: isInside }]),
  ),
});

export const small = graph({
  'input->a0.h0<q>': [0.5, true],
  'input->m0': [-2, true],
  'a0.h0->a1.h1<v>': [0.1, false],
  'a0.h1->logits': [0.25, true],
  'm1->logits': [3, true],
});
