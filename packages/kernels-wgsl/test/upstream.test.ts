/** What heads depend on, against a plain loop that ablates one part of one example at a time in f64. */
import { afterEach, describe, expect, test } from 'vitest';
import {
  ablations,
  DeviceModel,
  Graph,
  parameterShapes,
  PlainStream,
  Random,
  readHeads,
  readUpstream,
  runOnCpu,
  Session,
  sub,
  tokenInputs,
  transformer,
  type Ablation,
  type ModelConfig,
  type Parameters,
  type TokensExample,
  type Value,
} from '@circuit-tuning/core';
import { testGpu } from '@circuit-tuning/testkit';
import { kernels } from '../src/index.js';
import { plantedExamples, plantedGpt2, plantedLlama, plantedParameters } from './plantedModel.js';
import { tinyGpt2, tinyLlama } from './tinyModels.js';

const { device, subgroup, isSoftware } = await testGpu();
const sessions: Session[] = [];
afterEach(() => sessions.splice(0).forEach((opened) => opened.dispose()));

function load(config: ModelConfig, from: Parameters): Promise<DeviceModel> {
  const session = new Session({ device, kernels, isSoftware, ...(subgroup && { subgroup }) });
  sessions.push(session);
  return DeviceModel.load(session, config, from);
}

type Values = Map<string, Float32Array<ArrayBuffer>>;

const randomValues = (config: ModelConfig): Values => {
  const random = new Random(9);
  return new Map(
    parameterShapes(config).map(({ name, shape, kind }) => {
      const length = shape.reduce((product, size) => product * size, 1);
      const isGain = kind === 'norm' && name.endsWith('.w');
      return [name, Float32Array.from({ length }, () => 0.4 * random.normal() + (isGain ? 1 : 0))];
    }),
  );
};

const parametersOf = (config: ModelConfig, values: Values): Parameters => ({
  async read(name, rows) {
    const width = parameterShapes(config).find((it) => it.name === name)!.shape[1] ?? 1;
    return rows ? values.get(name)!.slice(rows.from * width, rows.to * width) : values.get(name)!;
  },
});

/** Of unlike lengths, so that batches are padded; the second is read at two rows. */
const examples: TokensExample[] = [
  ['a', [3, 17, 5, 9], [3, 18, 5, 9], [{ pos: 4, good: [30], bad: [31] }]],
  [
    'b',
    [7, 2, 2, 11, 30, 8],
    [6, 2, 1, 11, 30, 8],
    [
      { pos: 4, good: [30, 33], bad: [31] },
      { pos: 6, good: [12], bad: [13] },
    ],
  ],
  ['c', [1, 4, 20], [1, 9, 20], [{ pos: 3, good: [31], bad: [30] }]],
].map(([id, tokens, corruptTokens, targets], i) => {
  return { kind: 'tokens', id, line: i + 1, tokens, corruptTokens, targets } as TokensExample;
});

const threeLayers = { L: 3 };

describe.each([
  ['GPT-2', { ...tinyGpt2, ...threeLayers }],
  ['Llama with key/value heads for half of the query heads', { ...tinyLlama, ...threeLayers, K: 2 }],
] as const)('heads of a tiny %s', (_, config) => {
  const values = randomValues(config);

  test.each(ablations)('depend on what a plain loop finds: %s', async (ablation) => {
    const model = await load(config, parametersOf(config, values));
    const heads = ['a2.h1', 'a1.h0'];
    const found = await readUpstream(model, examples, { heads, ablation, batchSize: 2 });
    expect(found.map(({ head, parts }) => [head, parts.length])).toEqual([
      ['a2.h1', 2 * (config.H + 1)],
      ['a1.h0', config.H + 1],
    ]);
    const want = await plainly(model, values, found, ablation);
    for (const { head, parts, attention, direct } of found) {
      expect(attention!.mean).toBeCloseTo(want(head, undefined).attention, 5);
      expect(direct.mean).toBeCloseTo(want(head, undefined).direct, 4);
      for (const it of parts) {
        const { attention: looked, direct: written } = want(head, it.part);
        expect(it.attention!.mean, `${head} of ${it.part}`).toBeCloseTo(looked, 5);
        expect(it.direct.mean, `${head} of ${it.part}`).toBeCloseTo(written, 4);
      }
    }
  });

  test('say of themselves what readHeads says, whatever the batch', async () => {
    const model = await load(config, parametersOf(config, values));
    const { parts } = await readHeads(model, examples, { batchSize: 3 });
    const how = { heads: ['a2.h0'], ablation: 'zero' } as const;
    const [one, three] = [
      await readUpstream(model, examples, { ...how, batchSize: 1 }),
      await readUpstream(model, examples, { ...how, batchSize: 3 }),
    ];
    const read = parts.find(({ part }) => part === 'a2.h0')!;
    expect(one[0]).toMatchObject({ examples: 3, withSubject: 3 });
    expect(one[0]!.direct.mean).toBeCloseTo(read.direct.mean, 5);
    expect(one[0]!.attention!.mean).toBeCloseTo(read.attention!.mean, 6);
    for (const [i, it] of one[0]!.parts.entries()) {
      expect(it.direct.mean).toBeCloseTo(three[0]!.parts[i]!.direct.mean, 5);
      expect(it.direct.margin).toBeCloseTo(three[0]!.parts[i]!.direct.margin!, 5);
    }
  });
});

test.each([
  ['GPT-2', plantedGpt2],
  ['Llama', plantedLlama],
] as const)('in a planted %s the last head depends on the parts that were planted before it', async (_, config) => {
  const model = await load(config, plantedParameters(config));
  const how = { heads: ['a1.h2'], ablation: 'patching', batchSize: 8 } as const;
  const [found] = await readUpstream(model, plantedExamples('value'), how);
  const order = found!.parts.toSorted((a, b) => Math.abs(b.direct.mean) - Math.abs(a.direct.mean));
  expect(
    order
      .slice(0, 2)
      .map(({ part }) => part)
      .toSorted(),
  ).toEqual(['a0.h1', 'm0']);
  // the loud ones beside them change nothing
  expect(Math.abs(order[2]!.direct.mean)).toBeLessThan(0.1 * Math.abs(order[1]!.direct.mean));
});

test('what is no head, what has nothing before it, and sides of unlike lengths are refused', async () => {
  const model = await load(tinyGpt2, parametersOf(tinyGpt2, randomValues(tinyGpt2)));
  const ask = (head: string, ablation: Ablation = 'mean', of: readonly TokensExample[] = examples) =>
    readUpstream(model, of, { heads: [head], ablation, batchSize: 2 });
  await expect(ask('m1')).rejects.toThrow('upstream m1: must be a head of the model, a1.h0 to a1.h1, got none.');
  await expect(ask('a2.h0')).rejects.toThrow('upstream a2.h0: must be a head of the model, a1.h0 to a1.h1, got none.');
  await expect(ask('a0.h0')).rejects.toThrow(
    'upstream a0.h0: must be a head with heads and MLPs before it, got one of the first layer.',
  );
  const unlike = examples.map((one) => ({ ...one, corruptTokens: [1, 2] }));
  await expect(ask('a1.h0', 'patching', unlike)).rejects.toThrow('must have the same number of tokens');
});

/** Means over examples: of a head as it is, and by how much that changes with one part ablated. */
async function plainly(
  model: DeviceModel,
  values: Values,
  found: readonly { readonly head: string; readonly parts: readonly { readonly part: string }[] }[],
  ablation: Ablation,
) {
  const { config } = model;
  const { H, D, E, norm, tied } = config;
  const rope = model.session.has('rope.frequencies') ? await model.session.read('rope.frequencies') : undefined;

  /** One text; `cut` is taken from the units of a head, or from what an MLP writes. */
  const run = (tokens: readonly number[], part?: string, cut?: Float64Array) => {
    const T = tokens.length;
    const graph = new Graph();
    const [, at, layer] = /^([am])(\d+)/.exec(part ?? '') ?? [];
    const stream = new PlainStream(graph, (value, made) => {
      const isIt = made.at === (at === 'a' ? 'attn' : 'mlp') && `${made.layer}` === layer;
      if (!cut || !isIt || made.of !== (at === 'a' ? 'units' : 'output')) return value;
      return graph.call(sub, { a: value, b: graph.input('cut', value.shape) }).y!;
    });
    transformer(graph, model.architecture({ B: 1, T }), tokenInputs(graph, '', { B: 1, T }), stream);
    const leaves = new Map<string, ArrayLike<number>>(values);
    for (const name of ['embed.W_E', 'unembed.W_U']) if (values.has(name)) leaves.set(`${name}[0]`, values.get(name)!);
    if (rope) leaves.set('rope.frequencies', rope);
    leaves.set('tokens', tokens);
    leaves.set('mask', Array(T).fill(1));
    leaves.set('positions', [...tokens.keys()]);
    if (cut) leaves.set('cut', cut);
    const patterns = graph.calls.filter(({ op }) => op.name === 'attention');
    const fetch: Record<string, Value> = { rstd: stream.finalNorm.rstd };
    patterns.forEach(({ outs }, l) => (fetch[`pattern${l}`] = outs['pattern']!));
    for (const { at: of, layer: l, pre, out } of stream.writes) fetch[`${of}${l}`] = of === 'attn' ? pre : out;
    return runOnCpu(graph, leaves, fetch);
  };
  const sides = examples.map(({ tokens, corruptTokens }) => ({ clean: run(tokens), other: run(corruptTokens!) }));

  /** now − ablated of a part, in the place of its units or output, all else 0. */
  const cutOf = (part: string, e: number): Float64Array => {
    const [, at, layer, h] = /^([am])(\d+)(?:\.h(\d+))?/.exec(part)!;
    const name = `${at === 'a' ? 'attn' : 'mlp'}${layer}`;
    const width = at === 'a' ? H * E : D;
    const now = sides[e]!.clean[name]!;
    return Float64Array.from(now, (value, i) => {
      const [t, u] = [Math.floor(i / width), i % width];
      if (at === 'a' && Math.floor(u / E) !== Number(h)) return 0;
      if (ablation === 'zero') return value;
      if (ablation === 'patching') return value - sides[e]!.other[name]![i]!;
      const all = sides.flatMap(({ clean }) =>
        Array.from({ length: clean[name]!.length / width }, (_, at2) => ({
          t: at2,
          x: clean[name]![at2 * width + u]!,
        })),
      );
      const same = all.filter((it) => ablation === 'mean' || it.t === t);
      return value - mean(same.map(({ x }) => x));
    });
  };
  const unembed = values.get(tied ? 'embed.W_E' : 'unembed.W_U')!;
  const gain = values.get('ln_final.w')!;
  const read = (head: string, e: number, got: Record<string, Float64Array>) => {
    const [, l, h] = /^a(\d+)\.h(\d+)$/.exec(head)!.map(Number) as [number, number, number];
    const { tokens, corruptTokens, targets } = examples[e]!;
    const T = tokens.length;
    const WO = values.get(`blocks.${l}.attn.W_O`)!;
    let direct = 0;
    for (const { pos, good, bad } of targets) {
      const n = pos - 1;
      const logit = (ids: readonly number[], d: number) => mean(ids.map((id) => unembed[id * D + d]!));
      const u = Array.from({ length: D }, (_, d) => (gain[d]! * (logit(good, d) - logit(bad, d))) / targets.length);
      const centre = norm === 'layernorm' ? mean(u) : 0;
      // the scale of the model as it is
      const scale = sides[e]!.clean.rstd![n]!;
      for (let c = 0; c < E; c++)
        for (let d = 0; d < D; d++)
          direct += got[`attn${l}`]![(n * H + h) * E + c]! * WO[(h * E + c) * D + d]! * scale * (u[d]! - centre);
    }
    const subject = tokens.flatMap((id, t) => (id !== corruptTokens![t] && t < targets[0]!.pos ? [t] : []));
    const attention = mean(
      targets.map(({ pos }) => subject.reduce((sum, t) => sum + got[`pattern${l}`]![(h * T + pos - 1) * T + t]!, 0)),
    );
    return { direct, attention };
  };
  const parts = new Set(found.flatMap(({ parts: of }) => of.map(({ part }) => part)));
  const ablated = new Map([...parts].map((part) => [part, examples.map(({ tokens }, e) => run(tokens, part, cutOf(part, e)))])); // prettier-ignore
  return (head: string, part: string | undefined) => {
    const each = examples.map((_, e) => {
      const whole = read(head, e, sides[e]!.clean);
      if (part === undefined) return whole;
      const without = read(head, e, ablated.get(part)![e]!);
      return { direct: without.direct - whole.direct, attention: without.attention - whole.attention };
    });
    return { direct: mean(each.map((it) => it.direct)), attention: mean(each.map((it) => it.attention)) };
  };
}

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
