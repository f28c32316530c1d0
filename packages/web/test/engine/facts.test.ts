/** The graph that a page is told of is that of circuit files, edge by edge. */
import { edgeName, nodesOf, parseConfig, toGraphJson, topEdges, type Convention } from '@circuit-tuning/core';
import { describe, expect, test } from 'vitest';
import { graphOf } from '../../src/engine/facts.js';
import { readCircuit } from '../../src/record/index.js';

const gpt2 = { model_type: 'gpt2', n_layer: 2, n_head: 3, n_embd: 12, vocab_size: 20, n_positions: 8, n_inner: 48 };
const llama = {
  model_type: 'llama',
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  hidden_size: 16,
  intermediate_size: 32,
  vocab_size: 20,
  max_position_embeddings: 8,
};

describe.each([
  ['eap-ig', gpt2, 'whole'],
  ['eap-ig', gpt2, 16],
  ['circuit-tuning', gpt2, 'whole'],
  ['circuit-tuning', llama, 16],
] as const)('the %s graph of %o with MLP blocks of %s', (convention: Convention, config, mlpBlock) => {
  const nodes = nodesOf(parseConfig(config, 'config.json'), { convention, mlpBlock });
  const scores = Float32Array.from({ length: nodes.sources.length * nodes.reads.length }, (_, i) => (i % 17) - 8);
  const circuit = topEdges(nodes, scores, 5);
  const file = readCircuit(JSON.stringify(toGraphJson(circuit, scores)), 'before.json');
  const graph = graphOf(nodes);

  test('is the same as the one that is read from a circuit file, so that scores of both mean the same edges', () => {
    expect(graph).toEqual(file.graph);
    expect(graph.from).toHaveLength(nodes.edgeCount);
  });

  test('names the edges of a circuit by the indices that files give', () => {
    const { sources, reads } = graph.nodes;
    const named = Array.from(file.found.inside, (i) => `${sources[graph.from[i]!]}->${reads[graph.to[i]!]}`);
    expect(named).toEqual(Array.from(circuit.edges, (edge) => edgeName(nodes, edge)));
  });
});
