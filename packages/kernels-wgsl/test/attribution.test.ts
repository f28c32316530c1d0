/** Attribution on the tiny models against PyTorch: scores of every edge, in every form, and what must not change them. */
import { afterEach, describe, expect, test } from 'vitest';
import {
  attribute,
  DeviceModel,
  faithfulness,
  nodesOf,
  parameterShapes,
  Random,
  Session,
  topEdges,
  wholeGraph,
  type AttributeOptions,
  type Example,
  type ModelConfig,
  type Nodes,
  type Parameters,
  type SessionOptions,
} from '@circuit-tuning/core';
import { fixture, relativeError, testGpu, type Fixture } from '@circuit-tuning/testkit';
import { kernels } from '../src/index.js';
import { tinyGpt2 as tiny } from './tinyModels.js';

const { device, subgroup, isSoftware } = await testGpu();
const sessions: Session[] = [];
const session = (): Session => {
  const opened = new Session({ device, kernels, isSoftware, ...(subgroup && { subgroup }) });
  sessions.push(opened);
  return opened;
};
afterEach(() => sessions.splice(0).forEach((opened) => opened.dispose()));
const gpt2 = await fixture('gpt2_tiny');

interface Positions {
  clean_verb_pos: number[][];
  corr_verb_pos: number[][];
  clean_verb_ids: number[][];
  corr_verb_ids: number[][];
}

async function examplesOf(fixed: Fixture): Promise<Example[]> {
  const [B, T] = fixed.shape('ids.clean') as [number, number];
  const rows = async (side: string): Promise<number[][]> => {
    const ids = await fixed.ints(`ids.${side}`);
    const mask = await fixed.ints(`mask.${side}`);
    return Array.from({ length: B }, (_, b) =>
      Array.from(ids.subarray(b * T, (b + 1) * T)).filter((_, t) => mask[b * T + t]),
    );
  };
  const [clean, corrupt] = [await rows('clean'), await rows('corr')];
  const at = fixed.json['batch0'] as Positions;
  return clean.map((tokens, b) => ({
    kind: 'tokens',
    id: `${b}`,
    line: b + 1,
    tokens,
    targets: at.clean_verb_pos[b]!.map((pos, i) => ({
      pos,
      good: [at.clean_verb_ids[b]![i]!],
      bad: [at.corr_verb_ids[b]![i]!],
    })),
    corruptTokens: corrupt[b]!,
    corruptPositions: at.corr_verb_pos[b]!,
  }));
}

const base = { metric: 'logit_diff', ablation: 'patching', positions: 'all', batchSize: 4 } as const;

async function scores(
  fixed: Fixture,
  nodes: Nodes,
  options: Partial<AttributeOptions> = {},
  on = session(),
  examples?: Example[],
) {
  const model = await fixed.load(on);
  return (await attribute(model, examples ?? (await examplesOf(fixed)), { ...base, nodes, ...options })).values;
}

const topSet = (nodes: Nodes, values: ArrayLike<number>, n: number): number[] => [...topEdges(nodes, values, n).edges];

describe.skipIf(!gpt2)('edge attribution on gpt2_tiny (needs ../shared/fixtures)', () => {
  const fixed = gpt2!;

  test('all positions with patching agree with PyTorch, with the same top edges', async () => {
    const nodes = nodesOf(fixed.config);
    const got = await scores(fixed, nodes);
    const want = await fixed.floats('eap.classic.signed');
    expect(relativeError(got, want)).toBeLessThan(1e-3);
    for (const n of [5, 20, 60]) expect(topSet(nodes, got, n)).toEqual(topSet(nodes, want, n));
  });

  // The tables differentiate the mean over the batch: theirs are 1/B of scores per example.
  test.each([
    ['patching', 'eap.signed.contrastive'],
    ['zero', 'eap.signed.zero'],
  ] as const)('mean-then-dot over the answer positions with %s agrees with PyTorch', async (ablation, table) => {
    const nodes = nodesOf(fixed.config, { convention: 'circuit-tuning' });
    const got = await scores(fixed, nodes, { ablation, positions: 'answer', combine: 'mean-then-dot' });
    const want = (await fixed.floats(table)).map((score) => score * 4);
    expect(relativeError(got, want)).toBeLessThan(1e-3);
    for (const n of [5, 20, 60]) expect(topSet(nodes, got, n)).toEqual(topSet(nodes, want, n));
  });

  test('the mean that ablates is over real tokens: pads are left out', async () => {
    const nodes = nodesOf(fixed.config, { convention: 'circuit-tuning' });
    const got = await scores(fixed, nodes, { ablation: 'mean', positions: 'answer', combine: 'mean-then-dot' });
    const want = await fromDumps(fixed, nodes);
    expect(relativeError(got, want)).toBeLessThan(1e-3);
    expect(topSet(nodes, got, 20)).toEqual(topSet(nodes, want, 20));
  });

  test('padding, batch size and batch order change no score beyond rounding', async () => {
    const nodes = nodesOf(fixed.config);
    const examples = await examplesOf(fixed);
    const want = await scores(fixed, nodes);
    const same = async (what: string, got: Promise<Float32Array>): Promise<void> =>
      expect(relativeError(await got, want), what).toBeLessThan(1e-5);
    await same('batch size 1', scores(fixed, nodes, { batchSize: 1 }));
    await same('a last batch with a dummy', scores(fixed, nodes, { batchSize: 3 }));
    await same('reversed order', scores(fixed, nodes, {}, session(), examples.toReversed()));
  });

  test('scores made in parts, because deltas have little room or bindings are small, are the same but for rounding', async () => {
    const nodes = nodesOf(fixed.config);
    for (const positions of ['all', 'answer'] as const) {
      const want = await scores(fixed, nodes, { positions });
      // Two positions a part, and eight.
      const tight = new Session({ device, kernels, isSoftware, limits: { maxStorageBufferBindingSize: 16_384 } });
      const parts = {
        room: await scores(fixed, nodes, { positions, bytes: 2 * nodes.sources.length * 4 * fixed.config.D }),
        bindings: await scores(fixed, nodes, { positions, batchSize: 1 }, tight),
      };
      tight.dispose();
      for (const [why, got] of Object.entries(parts)) expect(relativeError(got, want), why).toBeLessThan(1e-5);
    }
  });

  test('means of one batch, taken on the way to its scores, are those that a pass of their own takes', async () => {
    const nodes = nodesOf(fixed.config);
    for (const ablation of ['mean', 'mean-positional'] as const) {
      const once = await scores(fixed, nodes, { ablation });
      const apart = await scores(fixed, nodes, { ablation, batchSize: 2 });
      expect(relativeError(once, apart), ablation).toBeLessThan(1e-5);
    }
  });

  test('the same run twice gives the same bits', async () => {
    const nodes = nodesOf(fixed.config);
    expect(await scores(fixed, nodes)).toEqual(await scores(fixed, nodes));
  });

  test('all edges kept is the whole model; none kept is the corrupted one; neurons in blocks change neither', async () => {
    const model = await fixed.load(session());
    const examples = await examplesOf(fixed);
    for (const mlpBlock of ['whole', 64] as const) {
      const nodes = nodesOf(fixed.config, { mlpBlock });
      const options = { metric: 'logit_diff', ablation: 'patching', batchSize: 4, controls: 1 } as const;
      const [whole] = await faithfulness(model, examples, [wholeGraph(nodes)], options);
      expect(whole!.circuit).toBeCloseTo(whole!.clean, 5);
      const swapped = examples.map((it) =>
        it.kind === 'tokens' ? { ...it, tokens: it.corruptTokens!, corruptTokens: it.tokens } : it,
      );
      const [back] = await faithfulness(model, swapped, [wholeGraph(nodes)], options);
      expect(whole!.ablated).toBeCloseTo(back!.clean, 5);
    }
  });
});

/** METHOD's mean-then-dot from PyTorch's own activations and read-site gradients, with a mean over real tokens only. */
async function fromDumps(fixed: Fixture, nodes: Nodes): Promise<Float32Array> {
  const { L, H, D } = fixed.config;
  const [B, T] = fixed.shape('ids.clean') as [number, number];
  const mask = await fixed.ints('mask.clean');
  const { clean_verb_pos: places } = fixed.json['batch0'] as Positions;
  const tokens = mask.reduce((sum, on) => sum + on, 0);
  type Tensor = (n: number, d: number) => number;
  const tensor = async (name: string, heads: number, h: number): Promise<Tensor> => {
    const data = await fixed.floats(name);
    return (n, d) => data[(n * heads + h) * D + d]!;
  };
  const pooled = (x: Tensor): Float64Array[] =>
    places.map((at, b) =>
      Float64Array.from({ length: D }, (_, d) => at.reduce((sum, pos) => sum + x(b * T + pos - 1, d) / at.length, 0)),
    );
  const sources: Float64Array[][] = [];
  const reads: Float64Array[][] = [];
  for (let l = 0; l < L; l++) {
    const acts = [...Array(H).keys()].map((h) => tensor(`act.clean.head_result.${l}`, H, h));
    for (const act of [...acts, tensor(`act.clean.mlp_out.${l}`, 1, 0)]) {
      const x = await act;
      const mean = Float64Array.from(
        { length: D },
        (_, d) => mask.reduce((sum, on, n) => sum + (on ? x(n, d) : 0), 0) / tokens,
      );
      sources.push(pooled((n, d) => x(n, d) - mean[d]!));
    }
    for (const at of ['q_in', 'k_in', 'v_in'])
      for (let h = 0; h < H; h++) reads.push(pooled(await tensor(`ngrad_metric.${at}.${l}`, H, h)));
    reads.push(pooled(await tensor(`ngrad_metric.mlp_in.${l}`, 1, 0)));
  }
  const scores = new Float32Array(sources.length * reads.length);
  // Gradients are those of the mean over B examples; summing over b makes the mean of per-example scores.
  for (let s = 0; s < sources.length; s++)
    for (let r = 0; r < reads.length; r++)
      if (s < nodes.reach[r]!)
        for (let b = 0; b < B; b++)
          for (let d = 0; d < D; d++) scores[s * reads.length + r]! += sources[s]![b]![d]! * reads[r]![b]![d]!;
  return scores;
}

test('a vocabulary above the binding limit is cut into shards, which change no score beyond rounding', async () => {
  const config: ModelConfig = { ...tiny, V: 300 };
  const random = new Random(3);
  const values = new Map(
    parameterShapes(config).map(({ name, shape, kind }) => [
      name,
      Float32Array.from(
        { length: shape.reduce((n, size) => n * size, 1) },
        () => random.normal() * 0.2 + (kind === 'norm' ? 1 : 0),
      ),
    ]),
  );
  const weights: Parameters = {
    read: async (name, rows) =>
      rows ? values.get(name)!.slice(rows.from * config.D, rows.to * config.D) : values.get(name)!,
  };
  const tokens = (): number[] => Array.from({ length: 6 }, () => random.below(300));
  const examples = Array.from({ length: 3 }, (_, i): Example => ({
    kind: 'tokens',
    id: `${i}`,
    line: i + 1,
    tokens: tokens(),
    corruptTokens: tokens(),
    targets: [{ pos: 6, good: [random.below(300)], bad: [random.below(300)] }],
  }));
  const nodes = nodesOf(config);
  const on = async (limits: SessionOptions['limits']): Promise<{ chunks: number; values: Float32Array }> => {
    const model = await DeviceModel.load(
      new Session({ device, kernels, isSoftware, limits: limits ?? {} }),
      config,
      weights,
    );
    const { values } = await attribute(model, examples, { ...base, metric: 'logprob_diff', nodes });
    return { chunks: model.chunks.length, values };
  };
  const whole = await on({});
  const cut = await on({ maxStorageBufferBindingSize: 6 * 1024 });
  expect([whole.chunks, cut.chunks]).toEqual([1, 4]);
  expect(relativeError(cut.values, whole.values)).toBeLessThan(1e-5);
});

test('a model whose weights do not fit the adapter is refused before anything is uploaded', async () => {
  const small = new Session({ device, kernels, isSoftware, limits: { maxStorageBufferBindingSize: 1024 } });
  const weights: Parameters = { read: () => Promise.reject(new Error('nothing may be read')) };
  await expect(DeviceModel.load(small, tiny, weights)).rejects.toThrow(
    'blocks.0.mlp.W_in: a tensor must fit one binding of this adapter (1.0 KiB), got [32, 16], 2.0 KiB. This model is too big for the adapter: take a smaller one',
  );
});
