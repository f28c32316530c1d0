import { describe, expect, test } from 'vitest';
import {
  allEdges,
  comparePredicted,
  completeness,
  curvePasses,
  edgeName,
  exactEffects,
  faithfulnessCurves,
  mibFractions,
  minimality,
  nodesOf,
  parseConfig,
  Random,
  stratifiedEdges,
  topEdges,
  wholeGraph,
  type Circuit,
  type PatchedModel,
} from '../../src/index.js';

const nodes = nodesOf(
  parseConfig({ model_type: 'gpt2', n_layer: 3, n_embd: 16, n_head: 4, n_inner: 32, n_positions: 16, vocab_size: 24 }),
);

/** A model whose metric is a sum over edges, all of which is known: every measure of it can be said in advance. */
function additive(seed = 1): PatchedModel & { effects: Float32Array; passes: () => number } {
  const random = new Random(seed);
  const effects = new Float32Array(nodes.sources.length * nodes.reads.length);
  for (const edge of allEdges(nodes)) effects[edge] = random.float() - 0.3;
  let passes = 0;
  const metric = ({ edges }: Circuit): number => edges.reduce((sum, edge) => sum + effects[edge]!, 2);
  const clean = metric(wholeGraph(nodes));
  return {
    nodes,
    clean,
    ablated: 2,
    effects,
    passes: () => passes,
    share: (value) => (value - 2) / (clean - 2),
    metricOf: async (circuit) => {
      passes++;
      return metric(circuit);
    },
  };
}

describe('faithfulness curves', () => {
  test("have MIB's sizes and its trapezoids, and end in the whole model", async () => {
    const model = additive();
    const { signed, absolute, cpr, cmd } = await faithfulnessCurves(model, model.effects, { controls: 2 });
    expect(signed.points.map(({ fraction }) => fraction)).toEqual([...mibFractions]);
    for (const { faithfulnesses, weighted_edge_counts: counts } of [signed, absolute]) {
      expect(faithfulnesses.at(-1)).toBeCloseTo(1, 6);
      expect(counts.at(-1)).toBe(nodes.edgeCount);
      counts.forEach((count, i) => expect(count).toBeLessThanOrEqual(Math.floor(mibFractions[i]! * nodes.edgeCount)));
    }
    let [under, from1] = [0, 0];
    for (let i = 0; i + 1 < mibFractions.length; i++) {
      const width = mibFractions[i + 1]! - mibFractions[i]!;
      under += (width * (signed.faithfulnesses[i]! + signed.faithfulnesses[i + 1]!)) / 2;
      const [a, b] = [absolute.faithfulnesses[i]!, absolute.faithfulnesses[i + 1]!];
      from1 += (width * (Math.abs(1 - a) + Math.abs(1 - b))) / 2;
    }
    expect([cpr, cmd]).toEqual([expect.closeTo(under, 9), expect.closeTo(from1, 9)]);
    expect(absolute.area_under).toBeLessThan(signed.area_under);
  });

  test('stand beside random circuits of as many edges and of as many parameters', async () => {
    const model = additive();
    const { signed } = await faithfulnessCurves(model, model.effects, { controls: 3 });
    expect([signed.random_edges, signed.random_parameters].map((draws) => draws.length)).toEqual([3, 3]);
    for (const draw of signed.random_edges) expect(draw.area_under).toBeLessThan(signed.area_under);
    expect(signed.points.at(-1)!.random_edges).toEqual([1, 1, 1].map((one) => expect.closeTo(one, 6)));
    // no more than was said, and the same again for the same seed
    expect(model.passes()).toBeLessThanOrEqual(curvePasses(3));
    const again = await faithfulnessCurves(additive(), model.effects, { controls: 3 });
    expect(again.signed.random_parameters).toEqual(signed.random_parameters);
  });
});

describe('a circuit of a model whose edges add up', () => {
  test('leaves to the others what it does not do itself', async () => {
    const model = additive();
    const circuit = topEdges(nodes, model.effects, 40);
    const own = model.share(await model.metricOf(circuit));
    expect(await completeness(model, circuit)).toBeCloseTo(1 - own, 6);
    expect(await completeness(model, wholeGraph(nodes))).toBe(0);
  });

  test('needs each edge as much as it adds: the needless ones are those below the tolerance', async () => {
    const model = additive();
    const circuit = topEdges(nodes, model.effects, 40);
    const scale = model.clean - model.ablated;
    const tolerance = 0.6 / scale;
    const { tested, needless, changes } = await minimality(model, circuit, { tolerance });
    const small = [...circuit.edges].filter((edge) => Math.abs(model.effects[edge]!) < 0.6);
    expect([tested, needless]).toEqual([40, small.length / 40]);
    for (const edge of circuit.edges) {
      const { change } = changes.find((it) => it.edge === edgeName(nodes, edge))!;
      expect(change).toBeCloseTo(model.effects[edge]! / scale, 6);
    }
    expect((await minimality(model, circuit, { tolerance, sample: 7 })).tested).toBe(7);
  });
});

describe('scores against exact effects', () => {
  test('agree where the score is the effect, and there nothing of a top-n circuit is missed', async () => {
    const model = additive();
    const edges = [...allEdges(nodes)];
    const effects = await exactEffects(model, edges);
    effects.forEach((effect, i) => expect(effect).toBeCloseTo(model.effects[edges[i]!]!, 5));
    const found = comparePredicted(topEdges(nodes, model.effects, 30), model.effects, edges, effects);
    expect(found).toMatchObject({ tested: nodes.edgeCount, of_edges: nodes.edgeCount, false_negatives: [] });
    for (const r of [found.spearman, found.pearson, found.spearman_absolute]) expect(r).toBeCloseTo(1, 6);
  });

  test('name the edges that were left out though they do more than the weakest member', () => {
    const edges = Array.from(allEdges(nodes).slice(0, 5));
    const values = new Float32Array(nodes.sources.length * nodes.reads.length);
    edges.forEach((edge, i) => (values[edge] = [5, 4, 3, 2, 1][i]!));
    const name = (i: number): string => edgeName(nodes, edges[i]!);
    const found = comparePredicted(topEdges(nodes, values, 2), values, edges, [9, -1, -4, 0.5, 2]);
    expect(found.weakest).toEqual({ edge: name(1), score: 4, effect: -1, in_circuit: true });
    expect(found.false_negatives.map(({ edge }) => edge)).toEqual([name(2), name(4)]);
    // ranks of the scores 4 3 2 1 0 against those of the effects 4 1 0 2 3
    expect(found.spearman).toBeCloseTo(0.1, 9);
  });

  test('are sampled alike among strong and weak edges, by seed', () => {
    const { effects } = additive();
    const drawn = stratifiedEdges(nodes, effects, 50, 4);
    expect(drawn).toHaveLength(50);
    expect(new Set(drawn).size).toBe(50);
    expect(stratifiedEdges(nodes, effects, 50, 4)).toEqual(drawn);
    expect(stratifiedEdges(nodes, effects, 50, 5)).not.toEqual(drawn);
    const order = [...allEdges(nodes)].toSorted((a, b) => Math.abs(effects[b]!) - Math.abs(effects[a]!) || a - b);
    const tenth = Math.floor(order.length / 10);
    expect(order.slice(0, tenth).filter((edge) => drawn.includes(edge))).toHaveLength(5);
    expect(stratifiedEdges(nodes, effects, nodes.edgeCount, 0)).toEqual([...allEdges(nodes)]);
  });
});
