/**
 * Every kind of model the config reader lets in, as transformers saves it, against transformers: logits, gradients, and on
 * the Qwen2 model, with biases, grouped heads and gated MLP blocks, edge scores, circuits and masked steps.
 */
import { describe, expect, test } from 'vitest';
import {
  attribute,
  edgeIndex,
  faithfulness,
  makeBatches,
  masksOf,
  nll,
  nodesOf,
  parameterShapes,
  Session,
  topEdges,
  Tuner,
  wholeGraph,
  type Circuit,
  type Example,
  type Hyper,
  type Nodes,
  type Target,
} from '@circuit-tuning/core';
import { relativeError, testGpu, variant, variants } from '@circuit-tuning/testkit';
import { kernels } from '../src/index.js';
import { logitsOf, lossAndGradients, padded, realRows } from './languageModel.js';

const { device, subgroup, isSoftware } = await testGpu();
const session = (): Session => new Session({ device, kernels, isSoftware, ...(subgroup && { subgroup }) });

describe.each(variants)('%s', async (name) => {
  const it = await variant(name);
  const model = await it.load(session());
  const batch = async (side: string) =>
    padded(await it.ints(`ids.${side}`), await it.ints(`mask.${side}`), it.shape(`ids.${side}`) as [number, number]);

  // 1e-5, where rounding makes 1e-6: the two forms of GELU are no further apart than 2e-4.
  test.each(['right', 'left'])('logits agree with transformers under padding on the %s', async (side) => {
    const given = await batch(side);
    const [got, want] = [await logitsOf(model, given), await it.floats(`logits.${side}`)];
    expect(relativeError(realRows(got, given), realRows(want, given))).toBeLessThan(1e-5);
  });

  test.each(['right', 'left'])('the loss and all its gradients do so under padding on the %s', async (side) => {
    const { loss, gradients } = await lossAndGradients(model, await batch(side));
    expect(loss).toBeCloseTo((await it.floats('loss'))[0]!, 5);
    const want = await it.changedAt('grad.');
    for (const { name } of parameterShapes(it.config)) {
      const expected = await want.read(name);
      // Without rotations a shift of all keys changes no softmax: this gradient is zero but for rounding.
      if (it.config.position.kind === 'learned' && name.endsWith('b_K'))
        expect(Math.max(...gradients[name]!.map(Math.abs), ...expected.map(Math.abs)), name).toBeLessThan(1e-6);
      else expect(relativeError(gradients[name]!, expected), name).toBeLessThan(1e-3);
    }
  });

  test.each(['zero', 'mean'] as const)('a circuit of all edges is the whole model, %s ablation', async (ablation) => {
    const { T, ids, mask } = await batch('right');
    const rows = Array.from({ length: ids.length / T }, (_, b) => ids.subarray(b * T, (b + 1) * T));
    const examples = rows.map((row, b): Example => {
      const tokens = [...row].filter((_, t) => mask[b * T + t]);
      return { kind: 'tokens', id: `${b}`, line: b + 1, tokens, targets: [] };
    });
    for (const convention of ['eap-ig', 'circuit-tuning'] as const) {
      const options = { metric: 'nll', ablation, batchSize: 3, controls: 0 } as const;
      const circuit = wholeGraph(nodesOf(it.config, { convention }));
      const [whole] = await faithfulness(model, examples, [circuit], options);
      expect(whole!.clean).toBeCloseTo((await it.floats('loss'))[0]!, 4);
      expect(whole!.circuit, convention).toBeCloseTo(whole!.clean, 4);
      expect(Math.abs(whole!.ablated - whole!.clean)).toBeGreaterThan(0.01);
    }
  });
});

interface Edges {
  examples: { tokens: number[]; corruptTokens: number[]; targets: Target[] }[];
  mlpBlock: number;
  sources: string[];
  reads: string[];
  edges: number;
  kept: string[];
  faithfulness: Record<'patching' | 'mean' | 'zero', Record<'clean' | 'circuit' | 'ablated', number>>;
  hyper: Pick<Hyper, 'lr' | 'betas' | 'eps' | 'weightDecay' | 'maxNorm'>;
  steps: { circuit: string[]; loss: number; gradNorm: number }[];
}

describe('edges of qwen2', async () => {
  const it = await variant('qwen2');
  const model = await it.load(session());
  const facts = it.json('edges.json') as Edges;
  const { mlpBlock } = facts;
  const examples = facts.examples.map((example, i): Example => ({
    kind: 'tokens',
    id: `${i}`,
    line: i + 1,
    ...example,
  }));
  const blocks = nodesOf(it.config, { mlpBlock });
  const circuitOf = (nodes: Nodes, names: readonly string[]): Circuit => {
    const edges = names.map((name) => {
      const [source, read] = name.split('->') as [string, string];
      return edgeIndex(nodes, nodes.sources.indexOf(source), nodes.reads.indexOf(read));
    });
    return { nodes, edges: Uint32Array.from(edges).toSorted() };
  };

  test('nodes are those of the brute-force program, in its order', () => {
    const { sources, reads, edgeCount } = blocks;
    expect({ sources, reads, edges: edgeCount }).toEqual({
      sources: facts.sources,
      reads: facts.reads,
      edges: facts.edges,
    });
  });

  test.each([
    ['whole MLPs', 'eap.whole', nodesOf(it.config)],
    ['blocks that read gate and in apart', 'eap.blocks', blocks],
  ])('scores with %s agree with PyTorch, with the same top edges', async (_, table, nodes) => {
    const options = { nodes, metric: 'logit_diff', ablation: 'patching', positions: 'all', batchSize: 2 } as const;
    const { values } = await attribute(model, examples, options);
    const want = await it.floats(table);
    expect(relativeError(values, want)).toBeLessThan(1e-3);
    for (const n of [5, 20, 50]) expect(topEdges(nodes, values, n).edges).toEqual(topEdges(nodes, want, n).edges);
  });

  test.each(['patching', 'mean', 'zero'] as const)(
    'a circuit alone, with all else ablated by %s, gives the metric of brute-force edge patching',
    async (ablation) => {
      const options = { metric: 'logit_diff', ablation, batchSize: 3, controls: 0 } as const;
      const [got] = await faithfulness(model, examples, [circuitOf(blocks, facts.kept)], options);
      for (const [what, want] of Object.entries(facts.faithfulness[ablation]))
        expect(Math.abs(got![what as 'clean'] - want), what).toBeLessThan(1e-4);
    },
  );

  test('masked AdamW steps while circuits change agree with AdamW over the slices, and move no other bit', async () => {
    const tuned = await it.load(session());
    const hyper = { ...facts.hyper, optimizer: 'adamw', momentum: 0, warmupSteps: 0, schedule: 'constant' } as const;
    const tuner = new Tuner(tuned, hyper);
    const [batch] = makeBatches(
      examples.map((example) => ({ ...example, targets: [] })),
      { batchSize: 4 },
    );
    for (const { circuit, loss, gradNorm } of facts.steps) {
      tuner.setMasks(masksOf(circuitOf(blocks, circuit)));
      const got = await tuner.step([batch!], [nll(batch!)], hyper.lr);
      expect(got.loss).toBeCloseTo(loss, 4);
      expect(got.gradNorm).toBeCloseTo(gradNorm, 3);
    }
    const want = await it.changedAt('tuned.');
    for (const { name } of parameterShapes(it.config)) {
      const [got, expected, before] = [await tuned.read(name), await want.read(name), await it.weights.read(name)];
      const far = got.map((value, i) => Math.abs(value - expected[i]!));
      expect(Math.max(...far), name).toBeLessThan(1e-5);
      expect(got.filter((value, i) => expected[i] === before[i] && value !== before[i]).length, name).toBe(0);
    }
  });
});
