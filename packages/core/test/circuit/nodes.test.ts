import { describe, expect, test } from 'vitest';
import {
  allEdges,
  edgeName,
  fromGraphJson,
  graphJsonText,
  masksOf,
  nodesOf,
  perQueryHead,
  Random,
  slicesOf,
  toGraphJson,
  tunedParameters,
  wholeGraph,
  type ModelConfig,
} from '../../src/index.js';

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
  eps: 1e-5,
  position: { kind: 'learned' },
  act: 'gelu_new',
  qkvBias: true,
  outBias: true,
  tied: true,
};
const llama = (L: number, D: number, H: number, K: number, E: number, F: number): ModelConfig => ({
  modelType: 'llama',
  L,
  D,
  H,
  K,
  E,
  F,
  V: 128256,
  T: 8192,
  norm: 'rmsnorm',
  eps: 1e-5,
  position: {
    kind: 'rope',
    theta: 5e5,
  },
  act: 'swiglu',
  qkvBias: false,
  outBias: false,
  tied: true,
});

describe('nodes and edges', () => {
  test('GPT-2 small has 157 sources, 445 reads and 32,491 edges in the eap-ig graph', () => {
    const nodes = nodesOf(gpt2);
    expect([nodes.sources.length, nodes.reads.length, nodes.edgeCount]).toEqual([157, 445, 32_491]);
    expect(allEdges(nodes)).toHaveLength(32_491);
  });

  test('GPT-2 small has 31,890 edges in the circuit-tuning graph, none of them into layer 0 attention', () => {
    const nodes = nodesOf(gpt2, { convention: 'circuit-tuning' });
    expect([nodes.sources.length, nodes.reads.length, nodes.edgeCount]).toEqual([156, 444, 31_890]);
    expect(nodes.reach.slice(0, 36).every((visible) => visible === 0)).toBe(true);
  });

  test.each([
    ['Llama-3.2-1B', llama(16, 2048, 32, 8, 64, 8192), 2_560, 4_864, 5_967_872],
    ['Llama-3.2-3B', llama(28, 3072, 24, 8, 128, 8192), 4_256, 8_288, 17_179_008],
  ])(
    '%s has a key/value node for each key/value head and MLP blocks of 64 neurons',
    (_, config, sources, reads, edges) => {
      const nodes = nodesOf(config, { convention: 'circuit-tuning' });
      expect([nodes.sources.length, nodes.reads.length, nodes.edgeCount]).toEqual([sources, reads, edges]);
    },
  );

  test('names are those of EAP-IG, and blocks say through which matrix they read', () => {
    const nodes = nodesOf(gpt2);
    expect(edgeName(nodes, 0)).toBe('input->a0.h0<q>');
    expect(nodes.reads[36]).toBe('m0');
    expect(nodes.sources.slice(-2)).toEqual(['a11.h11', 'm11']);
    const blocks = nodesOf(llama(1, 8, 2, 1, 4, 128), { convention: 'circuit-tuning' });
    expect(blocks.reads.slice(4)).toEqual(['m0.b0<gate>', 'm0.b1<gate>', 'm0.b0<in>', 'm0.b1<in>']);
  });

  test('a block size that does not divide the MLP is an error that lists those that do', () => {
    expect(() => nodesOf(llama(1, 8, 2, 1, 4, 12), { mlpBlock: 5 })).toThrow(
      "mlp-block: must divide the 12 neurons of an MLP, got 5. Take one of 2, 3, 4, 6, 12, or 'whole'.",
    );
  });
});

describe('the parameters a node owns', () => {
  const circuit = (names: string[]) => {
    const nodes = nodesOf(gpt2);
    const edges = [...allEdges(nodes)].filter((edge) => names.includes(edgeName(nodes, edge)));
    return { nodes, edges: Uint32Array.from(edges) };
  };

  test("an edge from a head to a query owns the head's rows of W_O, the shared b_O, and the query's rows of W_Q and b_Q", () => {
    expect(slicesOf(circuit(['a3.h5->a7.h2<q>']))).toEqual([
      { parameter: 'blocks.3.attn.W_O', from: 320, to: 384 },
      { parameter: 'blocks.3.attn.b_O', from: 0, to: 1 },
      { parameter: 'blocks.7.attn.W_Q', from: 128, to: 192 },
      { parameter: 'blocks.7.attn.b_Q', from: 128, to: 192 },
    ]);
    expect(tunedParameters(circuit(['a3.h5->a7.h2<q>']))).toBe(64 * 768 + 768 + 64 * 768 + 64);
  });

  test('input and logits own nothing: embeddings, norms and the unembedding are never tuned', () => {
    expect(slicesOf(circuit(['input->logits']))).toEqual([]);
    expect([...masksOf(wholeGraph(nodesOf(gpt2))).keys()].some((name) => /W_E|W_pos|W_U|ln/.test(name))).toBe(false);
  });
});

describe('graph JSON', () => {
  test('holds every edge with its score, marks the circuit, and reads back the same', () => {
    const nodes = nodesOf(llama(2, 8, 2, 1, 4, 16));
    const scores = Float32Array.from({ length: nodes.sources.length * nodes.reads.length }, (_, i) =>
      Math.fround(i / 7 - 3),
    );
    const edges = allEdges(nodes).slice(3, 9);
    const json = JSON.stringify(toGraphJson({ nodes, edges }, scores));
    const back = fromGraphJson(json, nodes, 'graph.json');
    expect(back.circuit.edges).toEqual(edges);
    for (const edge of allEdges(nodes)) expect(back.scores[edge]).toBe(scores[edge]);
  });

  test('is the same text where it is written a source at a time', () => {
    const nodes = nodesOf(llama(2, 8, 2, 1, 4, 16));
    const random = new Random(3);
    const scores = Float32Array.from({ length: nodes.sources.length * nodes.reads.length }, () => random.float() - 0.5);
    scores.set([0, -0, NaN, 1e-30], 0);
    for (const edges of [allEdges(nodes), allEdges(nodes).slice(3, 9), new Uint32Array()]) {
      const written = [...graphJsonText({ nodes, edges }, scores, { metric: 'nll' })].join('');
      expect(written).toBe(JSON.stringify(toGraphJson({ nodes, edges }, scores, { metric: 'nll' })));
    }
  });

  test('has keys and values for each query head where EAP-IG is to read it, and comes back the same', () => {
    const nodes = nodesOf(llama(2, 16, 4, 2, 4, 16));
    const scores = new Float32Array(nodes.sources.length * nodes.reads.length);
    for (const edge of allEdges(nodes)) scores[edge] = 2 * edge - 31;
    const edges = allEdges(nodes).filter((edge) => edge % 5 === 0);
    const expanded = perQueryHead(toGraphJson({ nodes, edges }, scores));
    // EAP-IG's own naming: every source before a layer into q, k and v of every head of it, heads too into the MLP
    const before = (l: number): string[] => [
      'input',
      ...[...Array(l).keys()].flatMap((i) => [...[0, 1, 2, 3].map((h) => `a${i}.h${h}`), `m${i}`]),
    ];
    const names = [0, 1].flatMap((l) => {
      const heads = [0, 1, 2, 3].map((h) => `a${l}.h${h}`);
      return [
        ...before(l).flatMap((s) => heads.flatMap((head) => ['q', 'k', 'v'].map((at) => `${s}->${head}<${at}>`))),
        ...[...before(l), ...heads].map((s) => `${s}->m${l}`),
      ];
    });
    names.push(...before(2).map((s) => `${s}->logits`));
    expect(Object.keys(expanded.edges).toSorted()).toEqual(names.toSorted());
    expect(expanded.cfg).toEqual({
      n_layers: 2,
      n_heads: 4,
      n_key_value_heads: 4,
      parallel_attn_mlp: false,
      d_model: 16,
    });
    const ours = toGraphJson({ nodes, edges }, scores).edges;
    for (const h of [2, 3]) {
      const { score, in_graph: isInside } = expanded.edges[`m0->a1.h${h}<k>`]!;
      expect(score).toBe(ours['m0->a1.h1<k>']!.score / 2);
      expect(isInside).toBe(ours['m0->a1.h1<k>']!.in_graph);
    }
    const back = fromGraphJson(JSON.stringify(expanded), nodes, 'graph.json');
    expect(back.circuit.edges).toEqual(edges);
    expect(back.scores).toEqual(scores);
  });

  test.each([
    ['Llama-3.2-1B', llama(16, 2048, 32, 8, 64, 8192), 386_713],
    ['Qwen2.5-0.5B', llama(24, 896, 14, 2, 64, 4864), 179_749],
  ])('of %s has as many edges for each query head as EAP-IG counts', (_, config, count) => {
    const { edges } = perQueryHead(toGraphJson({ nodes: nodesOf(config), edges: new Uint32Array() }, []));
    expect(Object.keys(edges)).toHaveLength(count);
  });

  test('is refused keys and values for each query head where each has its own, and where EAP-IG has no such graph', () => {
    const json = (config: ModelConfig, convention: 'eap-ig' | 'circuit-tuning') =>
      perQueryHead(toGraphJson(wholeGraph(nodesOf(config, { convention })), []));
    expect(() => json(llama(1, 8, 2, 2, 4, 16), 'eap-ig')).toThrow(
      'kv-per-query-head: takes effect only where query heads share keys and values, got 2 key/value heads for 2 query heads. Leave it out.',
    );
    expect(() => json(llama(1, 8, 2, 1, 4, 16), 'circuit-tuning')).toThrow(
      'graph: must be the eap-ig graph with whole MLPs, the only one that EAP-IG has, got circuit-tuning.',
    );
  });

  test('an edge of another model is named in the error', () => {
    const json = JSON.stringify(toGraphJson(wholeGraph(nodesOf(llama(3, 8, 2, 1, 4, 16))), []));
    expect(() => fromGraphJson(json, nodesOf(llama(2, 8, 2, 1, 4, 16)), 'graph.json')).toThrow(
      /graph\.json: edge .*: must be one of the \d+ edges of this model in the eap-ig graph, got an unknown name\. Use the model/,
    );
  });
});
