/** What a page asks of a model about one prompt: answers with parts switched off, where heads look, what moved. */
import { afterEach, describe, expect, test } from 'vitest';
import {
  attentionPatterns,
  DeviceModel,
  edgeNames,
  Graph,
  lastLogits,
  makeBatches,
  movedBy,
  nodesOf,
  parameterShapes,
  PlainStream,
  promptLogits,
  Random,
  runOnCpu,
  Session,
  takeMeans,
  tokenInputs,
  transformer,
  wholeGraph,
  withoutParts,
  type Circuit,
  type Example,
  type ModelConfig,
  type Parameters,
} from '@circuit-tuning/core';
import { relativeError, testGpu } from '@circuit-tuning/testkit';
import { kernels } from '../src/index.js';
import { tinyGpt2, tinyLlama } from './tinyModels.js';

const { device, subgroup, isSoftware } = await testGpu();
const sessions: Session[] = [];
afterEach(() => sessions.splice(0).forEach((opened) => opened.dispose()));

const gpt2: ModelConfig = { ...tinyGpt2, T: 48 };
const llama: ModelConfig = { ...tinyLlama, T: 48 };

type Values = Map<string, Float32Array<ArrayBuffer>>;

function randomValues(config: ModelConfig): Values {
  const random = new Random(11);
  return new Map(
    parameterShapes(config).map(({ name, shape, kind }) => {
      const length = shape.reduce((product, size) => product * size, 1);
      const isGain = kind === 'norm' && name.endsWith('.w');
      return [name, Float32Array.from({ length }, () => 0.3 * random.normal() + (isGain ? 1 : 0))];
    }),
  );
}

const parametersOf = (config: ModelConfig, values: Values): Parameters => ({
  async read(name, rows) {
    const width = parameterShapes(config).find((it) => it.name === name)!.shape[1] ?? 1;
    return rows ? values.get(name)!.slice(rows.from * width, rows.to * width) : values.get(name)!;
  },
});

function load(config: ModelConfig, values: Values): Promise<DeviceModel> {
  const session = new Session({ device, kernels, isSoftware, ...(subgroup && { subgroup }) });
  sessions.push(session);
  return DeviceModel.load(session, config, parametersOf(config, values));
}

/** The values with some rows of a parameter set to 0. */
function zeroed(config: ModelConfig, values: Values, name: string, from: number, to: number): Values {
  const changed = new Map([...values].map(([key, numbers]) => [key, numbers.slice()]));
  changed.get(name)!.fill(0, from * config.D, to * config.D);
  return changed;
}

const prompt = [3, 17, 5, 5, 29, 8, 31];
const other = [1, 2, 39, 0];

describe.each([
  ['GPT-2', gpt2],
  ['Llama with key/value heads for half of the query heads', { ...llama, K: 2 }],
])('a prompt to a tiny %s', (_, config) => {
  const values = randomValues(config);
  const nodes = nodesOf(config);
  const all = wholeGraph(nodes);
  const none: Circuit = { nodes, edges: new Uint32Array() };

  test('is answered as by the whole model when every edge is kept, whatever ablates the others', async () => {
    const model = await load(config, values);
    for (const tokens of [prompt, other, Array.from({ length: 40 }, (_, i) => i)]) {
      const whole = await lastLogits(model, tokens);
      await takeMeans(model, nodes, batches(model));
      for (const ablation of ['zero', 'mean'] as const)
        expect(relativeError(await promptLogits(model, tokens, { kept: all, ablation }), whole)).toBeLessThan(1e-5);
      for (const convention of ['circuit-tuning', 'eap-ig'] as const) {
        const kept = wholeGraph(nodesOf(config, { convention, mlpBlock: 8 }));
        expect(relativeError(await promptLogits(model, tokens, { kept, ablation: 'zero' }), whole)).toBeLessThan(1e-5);
      }
    }
  });

  test('has one answer, whatever it says, when no edge is kept', async () => {
    const model = await load(config, values);
    const answer = (tokens: number[], ablation: 'zero' | 'mean') =>
      promptLogits(model, tokens, { kept: none, ablation });
    expect(await answer(other, 'zero')).toEqual(await answer(prompt, 'zero'));
    await takeMeans(model, nodes, batches(model));
    expect(relativeError(await answer(other, 'mean'), await answer(prompt, 'mean'))).toBeLessThan(1e-5);
    expect(relativeError(await answer(other, 'mean'), await answer(other, 'zero'))).toBeGreaterThan(1e-3);
  });

  test('without a head or an MLP is answered as by a model whose weights that write are zero', async () => {
    const model = await load(config, values);
    const { H, E, F } = config;
    for (const [part, parameter, from, to] of [
      ['a0.h0', 'blocks.0.attn.W_O', 0, E],
      [`a1.h${H - 1}`, 'blocks.1.attn.W_O', (H - 1) * E, H * E],
      ['m0', 'blocks.0.mlp.W_out', 0, F],
    ] as const) {
      const changed = zeroed(config, values, parameter, from, to);
      if (part === 'm0') changed.get('blocks.0.mlp.b_out')?.fill(0);
      const kept = withoutParts(all, [part]);
      const got = await promptLogits(model, prompt, { kept, ablation: 'zero' });
      const want = await lastLogits(await load(config, changed), prompt);
      expect(relativeError(got, want), part).toBeLessThan(1e-5);
      expect(relativeError(got, await lastLogits(model, prompt)), part).toBeGreaterThan(1e-3);
    }
  });

  test('shows where each head looks: as plain loops say, no row looks ahead, each sums to 1', async () => {
    const model = await load(config, values);
    const { H, L } = config;
    const T = prompt.length;
    for (let layer = 0; layer < L; layer++) {
      const pattern = await attentionPatterns(model, prompt, layer);
      expect(pattern).toHaveLength(H * T * T);
      for (let row = 0; row < H * T; row++) {
        const looks = pattern.subarray(row * T, (row + 1) * T);
        expect(looks.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
        expect([...looks.subarray((row % T) + 1)].every((share) => share === 0)).toBe(true);
      }
      expect(relativeError(pattern, await patternOnCpu(model, values, layer))).toBeLessThan(1e-5);
    }
  });
});

test('mean ablation puts the mean of what a head writes in its place', async () => {
  const values = randomValues(gpt2);
  const nodes = nodesOf(gpt2);
  const model = await load(gpt2, values);
  await takeMeans(model, nodes, batches(model));
  const kept = withoutParts(wholeGraph(nodes), ['a1.h1']);
  const got = await promptLogits(model, prompt, { kept, ablation: 'mean' });
  // what the head writes on average becomes a part of the bias
  const { D, E } = gpt2;
  const mean = await model.session.read('mean.attn1');
  const changed = zeroed(gpt2, values, 'blocks.1.attn.W_O', E, 2 * E);
  const [W, bias] = [values.get('blocks.1.attn.W_O')!, changed.get('blocks.1.attn.b_O')!];
  for (let e = E; e < 2 * E; e++) for (let d = 0; d < D; d++) bias[d]! += mean[e]! * W[e * D + d]!;
  expect(relativeError(got, await lastLogits(await load(gpt2, changed), prompt))).toBeLessThan(1e-5);
});

test('mean ablation is refused before means were taken, and so is a text that the model cannot read', async () => {
  const model = await load(gpt2, randomValues(gpt2));
  const kept = wholeGraph(nodesOf(gpt2));
  await expect(promptLogits(model, prompt, { kept, ablation: 'mean' })).rejects.toThrow(
    'prompt: mean ablation needs means, taken over some examples by the model as it is, got none. Take them first',
  );
  const refusals: [number[], string][] = [
    [[], 'prompt: must have at least one token, got none. Write a few words'],
    [Array<number>(49).fill(1), "prompt: must fit the model's context of 48 tokens, got 49. Shorten it."],
    [[1, 40], 'prompt: token ids must lie below 40, got 40. Use the tokenizer of this model.'],
  ];
  for (const [tokens, message] of refusals) {
    await expect(lastLogits(model, tokens)).rejects.toThrow(message);
    await expect(promptLogits(model, tokens, { kept, ablation: 'zero' })).rejects.toThrow(message);
    await expect(attentionPatterns(model, tokens, 0)).rejects.toThrow(message);
  }
  await expect(attentionPatterns(model, prompt, 2)).rejects.toThrow(
    'attention: the layer must be one of 0 to 1, got 2. Choose a head of this model.',
  );
});

test('what moved of a node is told slice by slice, from a file as from a device', async () => {
  const values = randomValues(gpt2);
  const nodes = nodesOf(gpt2);
  const { D, E } = gpt2;
  const changed = new Map([...values].map(([name, numbers]) => [name, numbers.slice()]));
  changed.get('blocks.0.attn.W_Q')![E * D + 3]! += 3;
  changed.get('blocks.0.attn.W_Q')![2 * E * D - 1]! -= 4;
  changed.get('blocks.0.attn.W_Q')![0]! += 100; // of the other head
  changed.get('blocks.0.attn.b_O')![0]! += 2;
  const base = parametersOf(gpt2, values);
  const model = await load(gpt2, changed);
  const moved = await movedBy(nodes, 'a0.h1', base, model);
  expect(await movedBy(nodes, 'a0.h1', base, parametersOf(gpt2, changed))).toEqual(moved);
  expect(
    moved.map(({ parameter, from, to, numbers, moved: by }) => ({
      parameter,
      from,
      to,
      numbers,
      by: Number(by.toFixed(4)),
    })),
  ).toEqual([
    { parameter: 'blocks.0.attn.W_O', from: E, to: 2 * E, numbers: E * D, by: 0 },
    { parameter: 'blocks.0.attn.b_O', from: 0, to: D, numbers: D, by: 2 },
    { parameter: 'blocks.0.attn.W_Q', from: E, to: 2 * E, numbers: E * D, by: 5 },
    { parameter: 'blocks.0.attn.b_Q', from: E, to: 2 * E, numbers: E, by: 0 },
    { parameter: 'blocks.0.attn.W_K', from: E, to: 2 * E, numbers: E * D, by: 0 },
    { parameter: 'blocks.0.attn.b_K', from: E, to: 2 * E, numbers: E, by: 0 },
    { parameter: 'blocks.0.attn.W_V', from: E, to: 2 * E, numbers: E * D, by: 0 },
    { parameter: 'blocks.0.attn.b_V', from: E, to: 2 * E, numbers: E, by: 0 },
  ]);
  const rows = values.get('blocks.0.attn.W_Q')!.subarray(E * D, 2 * E * D);
  const norm = Math.hypot(...rows);
  expect(moved.find(({ parameter }) => parameter === 'blocks.0.attn.W_Q')!.norm).toBeCloseTo(norm, 6);
  expect(await movedBy(nodes, 'input', base, model)).toEqual([]);
  await expect(movedBy(nodes, 'a9.h0', base, model)).rejects.toThrow(
    'node a9.h0: must be one of the eap-ig graph, got an unknown name. Heads are called a0.h1, MLPs m0',
  );
});

describe('a circuit without a part', () => {
  const nodes = nodesOf({ ...llama, K: 2 });
  const all = wholeGraph(nodes);
  const gone = (...parts: string[]): string[] => {
    const left = new Set(edgeNames(withoutParts(all, parts)));
    return edgeNames(all).filter((name) => !left.has(name));
  };

  test('loses the edges of a node, of a read, or one edge', () => {
    expect(gone('input->m0', 'm0->logits')).toEqual(['input->m0', 'm0->logits']);
    expect(gone('a1.h3<q>').every((name) => name.endsWith('->a1.h3<q>'))).toBe(true);
    expect(gone('m1')).toEqual(edgeNames(all).filter((name) => /->m1$|^m1->/.test(name)));
    expect(gone()).toEqual([]);
  });

  test('keeps the keys and values that a head shares with its group', () => {
    expect(gone('a1.h1').some((name) => name.endsWith('<q>'))).toBe(true);
    expect(gone('a1.h1').filter((name) => /<[kv]>$/.test(name) && name.includes('->a1'))).toEqual([]);
    expect(gone('a1.h1<k>')).toHaveLength(nodes.reach[nodes.reads.indexOf('a1.h1<k>')]!);
  });

  test('must have had it', () => {
    for (const part of ['a7.h0', 'm1->m0', 'x->y'])
      expect(() => withoutParts(all, [part])).toThrow(
        `switched off: ${part}: must be a node, a read or an edge of the eap-ig graph, got an unknown name.`,
      );
  });
});

function batches({ config: { V } }: DeviceModel) {
  const random = new Random(5);
  const examples = Array.from({ length: 4 }, (_, i): Example => ({
    kind: 'tokens',
    id: `${i}`,
    line: i + 1,
    tokens: Array.from({ length: 6 }, () => random.below(V)),
    targets: [],
  }));
  return makeBatches(examples, { batchSize: 4 });
}

async function patternOnCpu(model: DeviceModel, values: Values, layer: number): Promise<Float64Array> {
  const graph = new Graph();
  const shape = { B: 1, T: prompt.length };
  transformer(graph, model.architecture(shape), tokenInputs(graph, '', shape), new PlainStream(graph));
  const { pattern } = graph.calls.filter(({ op }) => op.name === 'attention')[layer]!.outs;
  const leaves = new Map<string, ArrayLike<number>>(values);
  for (const name of ['embed.W_E', 'unembed.W_U']) if (values.has(name)) leaves.set(`${name}[0]`, values.get(name)!);
  if (model.session.has('rope.frequencies'))
    leaves.set('rope.frequencies', await model.session.read('rope.frequencies'));
  leaves.set('tokens', prompt);
  leaves.set(
    'mask',
    prompt.map(() => 1),
  );
  leaves.set('positions', [...prompt.keys()]);
  return runOnCpu(graph, leaves, { pattern: pattern! }).pattern;
}
