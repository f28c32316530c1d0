/** Every method of attribution, edges by position and nodes, against PyTorch: fixtures/methods.py says how its numbers came about. */
import { afterAll, describe, expect, test } from 'vitest';
import {
  attribute,
  byPosition,
  nodeScores,
  nodesOf,
  positionLabels,
  Session,
  type Ablation,
  type AttributeOptions,
  type AttributionMethod,
  type Example,
  type RiemannSum,
  type Target,
} from '@circuit-tuning/core';
import { relativeError, testGpu, variant } from '@circuit-tuning/testkit';
import { kernels } from '../src/index.js';

const { device, subgroup, isSoftware } = await testGpu();
const sessions: Session[] = [];
afterAll(() => sessions.forEach((opened) => opened.dispose()));

interface Edges {
  examples: { tokens: number[]; corruptTokens: number[]; targets: Target[] }[];
  mlpBlock: number;
}
const { examples: rows, mlpBlock } = (await variant('qwen2')).json('edges.json') as Edges;
const examples = rows.map((row, i): Example => ({ kind: 'tokens', id: `${i}`, line: i + 1, ...row }));

/** As in the program that made the numbers. */
const STEPS = 3;

describe.each([
  ['gpt2-gelu-untied', ''],
  ['qwen2', ''],
  ['qwen2', '.blocks'],
] as const)('of %s%s', async (name, end) => {
  const it = await variant(name);
  const session = new Session({ device, kernels, isSoftware, ...(subgroup && { subgroup }) });
  sessions.push(session);
  const model = await it.load(session);
  const nodes = nodesOf(it.config, end === '' ? {} : { mlpBlock });
  const found = await it.tensors('methods.safetensors');
  const base = { nodes, metric: 'logit_diff', positions: 'all', batchSize: 2 } as const;

  async function expectAgreement(method: AttributionMethod, ablation: Ablation, riemann?: RiemannSum): Promise<void> {
    const options: AttributeOptions = { ...base, method, ablation, steps: STEPS, ...(riemann && { riemann }) };
    const scores = await attribute(model, examples, options);
    const key = `${method}.${ablation}${riemann ? `.${riemann}` : ''}${end}`;
    const want = await found.floats(key);
    expect(Math.max(...want.map(Math.abs))).toBeGreaterThan(0.1);
    expect(relativeError(scores.values, want)).toBeLessThan(2e-4);
    const { values } = await nodeScores(model, examples, scores, options);
    expect(relativeError(Float32Array.from(values), await found.floats(`nodes.${key}`))).toBeLessThan(2e-4);
  }

  test.each([
    ['EAP', 'patching'],
    ['EAP', 'mean-positional'],
    ['EAP-IG-inputs', 'patching'],
    ['EAP-IG-activations', 'patching'],
    ['EAP-IG-activations', 'zero'],
    ['EAP-IG-own-layer', 'patching'],
    ['EAP-IG-own-layer', 'mean-positional'],
    ['clean-corrupted', 'patching'],
    ['exact', 'patching'],
    ['exact', 'mean-positional'],
  ] as const)('scores of edges and of nodes by %s with %s ablation agree with PyTorch', (method, ablation) =>
    expectAgreement(method, ablation),
  );

  test.each([
    ['EAP-IG-activations', 'left'],
    ['EAP-IG-inputs', 'middle'],
  ] as const)('so do those of %s with the %s sum in place of its own', (method, riemann) =>
    expectAgreement(method, 'patching', riemann),
  );

  test('the parts that positions have in the scores agree with PyTorch, and add up to them', async () => {
    const parts = await byPosition(model, examples, { ...base, ablation: 'patching', way: 'start' });
    expect(parts.labels).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
    const sums = parts.values[0]!.map((_, edge) => parts.values.reduce((sum, values) => sum + values[edge]!, 0));
    expect(relativeError(sums, await found.floats(`EAP.patching${end}`))).toBeLessThan(2e-4);
    // those of blocks would be half of the file
    if (end !== '') return;
    const got = Float32Array.from(parts.values.flatMap((values) => [...values]));
    expect(relativeError(got, await found.floats('EAP.patching.positions'))).toBeLessThan(2e-4);
  });
});

test('positions are told by place from either end, or by what they are for', () => {
  const example = (more: object): Example => ({
    kind: 'tokens',
    id: 'a',
    line: 3,
    tokens: [1, 2, 3, 4, 5],
    corruptTokens: [1, 7, 3, 4, 5],
    targets: [{ pos: 5, good: [1], bad: [2] }],
    ...more,
  });
  expect(positionLabels(example({}), 'start')).toEqual(['0', '1', '2', '3', '4']);
  expect(positionLabels(example({}), 'end')).toEqual(['-5', '-4', '-3', '-2', '-1']);
  expect(positionLabels(example({}), 'kind')).toEqual(['before', 'differs', 'between', 'between', 'answer']);
  expect(positionLabels(example({ corruptTokens: [1, 2, 3, 4, 6] }), 'kind').at(-1)).toBe('differs, answer');
  const uneven = example({ corruptTokens: [1, 2] });
  expect(() => positionLabels(uneven, 'kind')).toThrow(
    'task line 3: positions are told apart by kind where both sides have the same number of tokens, got 5 and 2. Ask for positions from the start or the end',
  );
});
