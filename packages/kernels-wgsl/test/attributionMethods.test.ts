/**
 * Every way of scoring edges against what it is defined by: exact against a plain loop that patches one edge at a time, the
 * others against exact, against each other, and against the difference of the metric that they divide among edges.
 */
import { describe, expect, test } from 'vitest';
import {
  allEdges,
  attribute,
  type DeviceModel,
  exactScores,
  faithfulness,
  isEdge,
  measure,
  nodesOf,
  Random,
  type Ablation,
  type AttributeOptions,
  type Example,
  type Nodes,
  type RiemannSum,
} from '@circuit-tuning/core';
import { relativeError } from '@circuit-tuning/testkit';
import { loadRandom } from './randomModel.js';
import { tinyGpt2 as gpt2, tinyLlama as llama } from './tinyModels.js';

/** Pairs that differ in two tokens; of several lengths, so that there is padding. */
const examples: readonly Example[] = [6, 4, 7].map((length, i): Example => {
  const random = new Random(11, i);
  const tokens = Array.from({ length }, () => random.below(40));
  const corruptTokens = tokens.map((token, t) => (t === 1 || t === 2 ? (token + 5) % 40 : token));
  const targets = [{ pos: length, good: [random.below(40)], bad: [random.below(40)] }];
  return { kind: 'tokens', id: `${i}`, line: i + 1, tokens, corruptTokens, targets };
});
const swapped = examples.map((it) =>
  it.kind === 'tokens' ? { ...it, tokens: it.corruptTokens!, corruptTokens: it.tokens } : it,
);

const base = { metric: 'logit_diff', ablation: 'patching', positions: 'all', batchSize: 2 } as const;
const measured = { metric: 'logit_diff', batchSize: 2 } as const;

const scores = async (model: DeviceModel, nodes: Nodes, options: Partial<AttributeOptions>) =>
  (await attribute(model, examples, { ...base, nodes, ...options })).values;

/** Of all edges out of the sources of one group. */
function sumFrom({ sourceGroups, reads }: Nodes, values: Float32Array, at: string, layer: number): number {
  const { first, count } = sourceGroups.find((group) => group.at === at && group.layer === layer)!;
  return values.subarray(first * reads.length, (first + count) * reads.length).reduce((sum, it) => sum + it, 0);
}

const mean = (...lists: readonly Float32Array[]): Float32Array =>
  lists[0]!.map((_, i) => lists.reduce((sum, list) => sum + list[i]!, 0) / lists.length);

/**
 * The left sum is off by half a step of what the gradient changes on the way. One step is the gradient of the ablated end,
 * EAP that of the clean one: with half their difference the left sum becomes the trapezoid, whose error goes with the square
 * of the step.
 */
async function evenSum(model: DeviceModel, nodes: Nodes, options: Partial<AttributeOptions>): Promise<Float32Array> {
  const steps = options.method === 'EAP-IG-inputs' ? 96 : 56;
  const left = await scores(model, nodes, { ...options, steps });
  const ablated = await scores(model, nodes, { ...options, steps: 1 });
  const clean = await scores(model, nodes, { ...options, method: 'EAP' });
  return left.map((score, i) => score + (clean[i]! - ablated[i]!) / (2 * steps));
}

describe.each([
  ['a tiny GPT-2', gpt2, nodesOf(gpt2)],
  ['a tiny Llama in blocks of neurons', llama, nodesOf(llama, { mlpBlock: 16 })],
] as const)('%s', (_, config, nodes) => {
  test.each(['patching', 'mean', 'mean-positional', 'zero'] as const)(
    'exact with %s is what a plain loop finds that patches one edge at a time',
    async (ablation: Ablation) => {
      const model = await loadRandom(config);
      const got = await scores(model, nodes, { method: 'exact', ablation });
      const all = allEdges(nodes);
      // Every seventh edge: reads of all kinds, and a third of the time.
      const sampled = all.filter((_, i) => i % 7 === 0);
      const circuits = [...sampled].map((edge) => ({ nodes, edges: all.filter((it) => it !== edge) }));
      const rows = await faithfulness(model, examples, circuits, { ...measured, ablation, controls: 0 });
      const want = Float32Array.from(rows, ({ clean, circuit }) => clean - circuit);
      expect(Math.max(...want.map(Math.abs))).toBeGreaterThan(0.01);
      // Both are differences of metrics of size 1.
      sampled.forEach((edge, i) => expect(got[edge]).toBeCloseTo(want[i]!, 5));
    },
  );

  test.each(['patching', 'mean', 'mean-positional', 'zero'] as const)(
    'EAP with %s is what exact becomes as the patch shrinks to nothing',
    async (ablation: Ablation) => {
      const model = await loadRandom(config);
      const little = await exactScores(model, examples, { ...base, ablation, nodes, amount: 3e-3 });
      const other = await exactScores(model, examples, { ...base, ablation, nodes, amount: -3e-3 });
      // The mean of both sides leaves out the second order, so that a step large enough for f32 will do.
      const slope = mean(little.values, other.values);
      const found = await attribute(model, examples, { ...base, nodes, ablation });
      expect(relativeError(found.values, slope)).toBeLessThan(3e-3);
      expect(found.metric).toBeCloseTo(little.metric, 5);
    },
  );

  test('EAP-IG-inputs divides the difference between the sides among the edges out of the input', async () => {
    const model = await loadRandom(config);
    const clean = (await measure(model, examples, measured)).value;
    // The answers are read at the clean side's positions, which are the corrupted side's.
    const corrupt = (await measure(model, swapped, measured)).value;
    const values = await evenSum(model, nodes, { method: 'EAP-IG-inputs' });
    expect(sumFrom(nodes, values, 'input', -1)).toBeCloseTo(clean - corrupt, 3);
  });

  test('EAP-IG-inputs with 1 step is the gradient of the corrupted side; with EAP it makes clean-corrupted', async () => {
    const model = await loadRandom(config);
    const eap = await scores(model, nodes, {});
    const one = await scores(model, nodes, { method: 'EAP-IG-inputs', steps: 1 });
    // With sides exchanged the delta has the other sign and the gradient is the corrupted side's.
    const back = (await attribute(model, swapped, { ...base, nodes })).values.map((value) => -value);
    expect(relativeError(one, back)).toBeLessThan(1e-5);
    const ends = await scores(model, nodes, { method: 'clean-corrupted' });
    expect(relativeError(ends, mean(eap, one))).toBeLessThan(1e-5);
  });

  test('left and middle points of 2 steps are the left points of 4; right and left sums differ by the ends', async () => {
    const model = await loadRandom(config);
    const of = (steps: number, riemann: RiemannSum) =>
      scores(model, nodes, { method: 'EAP-IG-inputs', steps, riemann });
    const [left, middle, right] = [await of(2, 'left'), await of(2, 'middle'), await of(2, 'right')];
    expect(relativeError(mean(left, middle), await of(4, 'left'))).toBeLessThan(1e-5);
    const [ablated, clean] = [await of(1, 'left'), await of(1, 'right')];
    const ends = left.map((score, i) => score + (clean[i]! - ablated[i]!) / 2);
    expect(relativeError(right, ends)).toBeLessThan(1e-5);
  });

  test('EAP-IG takes 5 steps unless told, and steps make a difference', async () => {
    const model = await loadRandom(config);
    for (const method of ['EAP-IG-inputs', 'EAP-IG-activations', 'EAP-IG-own-layer'] as const) {
      const five = await scores(model, nodes, { method, steps: 5 });
      expect(await scores(model, nodes, { method })).toEqual(five);
      expect(relativeError(await scores(model, nodes, { method, steps: 2 }), five)).toBeGreaterThan(1e-3);
    }
  });

  test.each(['patching', 'zero'] as const)(
    'EAP-IG-own-layer with %s divides what ablating a layer of sources costs among the edges out of it',
    async (ablation: Ablation) => {
      const model = await loadRandom(config);
      const values = await evenSum(model, nodes, { method: 'EAP-IG-own-layer', ablation });
      for (const [at, layer] of [
        ['attn', 1],
        ['mlp', 0],
      ] as const) {
        const { first, count } = nodes.sourceGroups.find((group) => group.at === at && group.layer === layer)!;
        const R = nodes.reads.length;
        const edges = allEdges(nodes).filter((edge) => edge < first * R || edge >= (first + count) * R);
        const [row] = await faithfulness(model, examples, [{ nodes, edges }], { ...measured, ablation, controls: 0 });
        expect(sumFrom(nodes, values, at, layer)).toBeCloseTo(row!.clean - row!.circuit, 3);
      }
    },
  );

  test.each(['EAP', 'EAP-IG-inputs', 'exact'] as const)(
    'scores of each example by %s have those of all as their mean, whatever the batches',
    async (method) => {
      const model = await loadRandom(config);
      const whole = await attribute(model, examples, { ...base, nodes, method });
      const { values, perExample, metric } = await attribute(model, examples, {
        ...base,
        nodes,
        method,
        perExample: true,
      });
      expect(whole.perExample).toBeUndefined();
      expect(perExample).toHaveLength(3);
      expect(relativeError(values, whole.values)).toBeLessThan(1e-4);
      expect(metric).toBeCloseTo(whole.metric, 5);
      const last = await attribute(model, examples.slice(2), { ...base, nodes, method });
      expect(relativeError(perExample![2]!, last.values)).toBeLessThan(1e-4);
    },
  );

  test('no method gives a score to what is no edge', async () => {
    const model = await loadRandom(config);
    for (const method of ['EAP-IG-inputs', 'EAP-IG-activations', 'EAP-IG-own-layer', 'exact'] as const) {
      const values = await scores(model, nodes, { method, steps: 1 });
      const R = nodes.reads.length;
      expect(values.every((value, i) => isEdge(nodes, Math.floor(i / R), i % R) || value === 0)).toBe(true);
    }
  });
});

test('the mean by position leaves one example as it is: every score of it is 0', async () => {
  const model = await loadRandom(gpt2);
  const nodes = nodesOf(gpt2);
  const options = { ...base, nodes, ablation: 'mean-positional' } as const;
  const { values } = await attribute(model, examples.slice(0, 1), options);
  expect(Math.max(...values.map(Math.abs))).toBe(0);
});

test('answer positions and mean-then-dot go with every point on the way', async () => {
  const model = await loadRandom(gpt2);
  const nodes = nodesOf(gpt2, { convention: 'circuit-tuning' });
  for (const method of ['clean-corrupted', 'EAP-IG-activations', 'EAP-IG-own-layer'] as const) {
    // One answer row an example: the mean over it is the row itself.
    const answer = await scores(model, nodes, { method, positions: 'answer', steps: 2 });
    const pooled = await scores(model, nodes, { method, positions: 'answer', combine: 'mean-then-dot', steps: 2 });
    expect(Math.max(...answer.map(Math.abs))).toBeGreaterThan(0);
    expect(relativeError(pooled, answer)).toBeLessThan(1e-5);
  }
});

test('what a method cannot do is refused with the reason', async () => {
  const model = await loadRandom(gpt2);
  const nodes = nodesOf(gpt2);
  const refused = (options: Partial<AttributeOptions>) => expect(scores(model, nodes, options)).rejects;
  await refused({ method: 'EAP-IG-inputs', ablation: 'mean' }).toThrow(
    'ablation: must be patching with EAP-IG-inputs, whose way leads from the corrupted embeddings to the clean ones, got mean. Choose patching, or the method EAP-IG-activations or EAP-IG-own-layer',
  );
  await refused({ method: 'exact', positions: 'answer' }).toThrow(
    'positions: takes effect only with a method of gradients: exact patches an edge at every position, got answer. Leave it out',
  );
  await refused({ method: 'exact', combine: 'mean-then-dot' }).toThrow('combine: takes effect only with');
  await refused({ method: 'exact', maxMinutes: 1e-9 }).toThrow(
    /^exact: patching \d+ edges one by one must take at most 1e-9 minutes, got about 1 minutes?\. Take fewer examples/,
  );
  const [first] = examples;
  if (first?.kind !== 'tokens') return;
  const uneven = [{ ...first, corruptTokens: first.tokens.slice(1), corruptPositions: [first.tokens.length - 1] }];
  const asked = { ...base, nodes, positions: 'answer', method: 'clean-corrupted' } as const;
  await expect(attribute(model, uneven, asked)).rejects.toThrow('must have the same number of tokens');
});

test('exact stops where whoever watches throws', async () => {
  const model = await loadRandom(gpt2);
  const stop = { after: 3 };
  const onProgress = (done: number): void => {
    if (done === stop.after) throw new Error('stopped');
  };
  await expect(scores(model, nodesOf(gpt2), { method: 'exact', batchSize: 1, onProgress })).rejects.toThrow('stopped');
  // And the model answers as before.
  expect((await measure(model, examples, measured)).value).toBeTypeOf('number');
});
