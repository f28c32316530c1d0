/**
 * Weights that lie on the device as f16: the same bits as a model of f32 whose weights were rounded before, in whatever reads
 * them, at half the memory; and what is refused.
 */
import { afterEach, describe, expect, test } from 'vitest';
import {
  attribute,
  attributionMethods,
  DeviceModel,
  faithfulness,
  generate,
  grad,
  Graph,
  matmulNT,
  measure,
  nodesOf,
  packHalves,
  parameterShapes,
  printGraph,
  readHeads,
  readUpstream,
  Session,
  sgd,
  Tuning,
  wholeGraph,
  widen,
  type AttributionMethod,
  type ModelConfig,
  type Parameters,
  type TokensExample,
  type WeightDType,
} from '@circuit-tuning/core';
import { testGpu } from '@circuit-tuning/testkit';
import { kernels } from '../src/index.js';
import { randomParameters } from './randomModel.js';
import { tinyGpt2, tinyLlama } from './tinyModels.js';

const { device, subgroup, isSoftware } = await testGpu();
const sessions: Session[] = [];
afterEach(() => sessions.splice(0).forEach((opened) => opened.dispose()));

function open(forced: Record<string, string> = {}): Session {
  const session = new Session({ device, kernels, isSoftware, forced, ...(subgroup && { subgroup }) });
  sessions.push(session);
  return session;
}

const load = (config: ModelConfig, from: Parameters, dtype: WeightDType): Promise<DeviceModel> =>
  DeviceModel.load(open(), config, from, { dtype });

/** Rounded to 11 bits, as f16 rounds numbers of this size. */
const toHalf = (value: number): number => {
  const step = 2 ** Math.max(-24, Math.floor(Math.log2(Math.abs(value) || 1)) - 10);
  const [low, rest] = [Math.floor(value / step), value / step - Math.floor(value / step)];
  return (rest > 0.5 || (rest === 0.5 && low % 2 !== 0) ? low + 1 : low) * step;
};

/** The same weights; matrices and embeddings rounded on the host. */
function rounded(config: ModelConfig, of: Parameters): Parameters {
  const kinds = new Map(parameterShapes(config).map(({ name, kind }) => [name, kind]));
  return {
    async read(name, rows) {
      const values = await of.read(name, rows);
      return ['matrix', 'embedding'].includes(kinds.get(name)!) ? values.map(toHalf) : values;
    },
  };
}

const examples: TokensExample[] = [
  { ...example(0, [3, 17, 5, 9]), corruptTokens: [3, 18, 5, 9], targets: [{ pos: 4, good: [30], bad: [31] }] },
  { ...example(1, [7, 2, 2, 11, 30]), corruptTokens: [6, 2, 1, 11, 30], targets: [{ pos: 5, good: [33], bad: [31] }] },
];

function example(i: number, tokens: number[]): TokensExample {
  return { kind: 'tokens', id: `${i}`, line: i + 1, tokens, targets: [] };
}

// Odd sizes: rows begin within a word, and parameters end within one.
const odd: ModelConfig = { ...tinyGpt2, D: 15, H: 3, K: 3, E: 5, F: 31, V: 41 };

describe.each([
  ['GPT-2 of odd sizes', odd],
  ['Llama with key/value heads for half of the query heads', { ...tinyLlama, K: 2 }],
])('a tiny %s stored as f16', (_, config) => {
  const nodes = nodesOf(config);
  const weights = randomParameters(config);

  /** What the work makes of both; they must be the same to the last bit. */
  async function both<T>(work: (model: DeviceModel) => Promise<T>): Promise<[T, T]> {
    return [
      await work(await load(config, weights, 'f16')),
      await work(await load(config, rounded(config, weights), 'f32')),
    ];
  }

  test('writes, measures and runs circuits as the model of rounded weights does', async () => {
    const [half, full] = await both(async (model) => {
      const said = [];
      for await (const piece of generate(model, examples[0]!.tokens, { maxTokens: 4 })) said.push(piece);
      return {
        said,
        loss: await measure(model, examples, { metric: 'nll', batchSize: 2 }),
        circuits: await faithfulness(model, examples, [wholeGraph(nodes)], {
          metric: 'logit_diff',
          ablation: 'mean',
          batchSize: 2,
          controls: 1,
        }),
      };
    });
    expect(half).toEqual(full);
  });

  const scores = async (model: DeviceModel, method: AttributionMethod, ablation: 'patching' | 'zero') => {
    const options = { nodes, metric: 'logit_diff', method, ablation, positions: 'all', batchSize: 2 } as const;
    return (await attribute(model, examples, options)).values;
  };

  test.each(attributionMethods)('scores edges as it does by %s', async (method) => {
    const [half, full] = await both((model) => scores(model, method, 'patching'));
    expect(half).toEqual(full);
    expect(half.some((value) => value !== 0)).toBe(true);
  });

  test('scores differ from those of weights that are not rounded', async () => {
    const [half] = await both((model) => scores(model, 'EAP', 'zero'));
    expect(half).not.toEqual(await scores(await load(config, weights, 'f32'), 'EAP', 'zero'));
  });

  test('has heads that write, look and depend as its heads do', async () => {
    const [half, full] = await both(async (model) => ({
      read: await readHeads(model, examples, { batchSize: 2 }),
      upstream: await readUpstream(model, examples, { heads: ['a1.h1'], ablation: 'patching', batchSize: 2 }),
    }));
    expect(half).toEqual(full);
  });

  test('gives its weights back as it holds them, whole or by rows', async () => {
    const model = await load(config, weights, 'f16');
    const want = rounded(config, weights);
    for (const { name, shape } of parameterShapes(config)) {
      expect(await model.read(name), name).toEqual(await want.read(name));
      if (shape.length === 2)
        expect(await model.read(name, { from: 1, to: 4 }), name).toEqual(await want.read(name, { from: 1, to: 4 }));
    }
  });

  test('cannot be tuned, and its weights have no gradient', async () => {
    const model = await load(config, weights, 'f16');
    const hyper = { optimizer: 'sgd', lr: 1, momentum: 0, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 } as const;
    const how = { ...hyper, maxNorm: 1, warmupSteps: 0, schedule: 'constant', method: 'full' } as const;
    expect(
      () => new Tuning(model, examples, { ...how, steps: 1, batchSize: 1, accumulation: 1, seed: 0, objective: 'all' }),
    ).toThrow(
      'tune: weights must lie on the device as f32, got f16. Leave the dtype at f32: an update is smaller than the steps of f16.',
    );
  });
});

test('every number that f16 holds is widened to itself, by every kernel', async () => {
  const bits = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i).filter((half) => ((half >> 10) & 31) !== 31);
  const valueOf = (half: number): number => {
    const [exponent, fraction] = [(half >> 10) & 31, half & 1023];
    const size = exponent > 0 ? 2 ** (exponent - 15) * (1 + fraction / 1024) : fraction * 2 ** -24;
    return half >> 15 ? -size : size;
  };
  const want = Float32Array.from(bits, valueOf);
  expect(new Uint16Array(packHalves(want, () => expect.unreachable()).buffer)).toEqual(bits);
  for (const { name } of kernels.filter(({ op }) => op === widen)) {
    const graph = new Graph();
    const x = graph.param('x', [bits.length], 'f16');
    const session = open({ widen: name });
    session.write('x', new Uint32Array(bits.buffer));
    const program = await session.compile(graph, { y: graph.call(widen, { x }).y! });
    const { y } = await program.run({});
    expect(program.plan.dispatches.map(({ kernel }) => kernel)).toEqual([name]);
    // an adapter may take subnormal halves for 0
    const far = y!.findIndex((value, i) => value !== want[i] && !(value === 0 && Math.abs(want[i]!) < 2 ** -14));
    expect(far, `${name}: ${y![far]} for ${want[far]}`).toBe(-1);
  }
});

test('what reads f16 gets f32 just before, once more in the backward pass, and nothing of it is kept', () => {
  const graph = new Graph();
  const x = graph.input('x', [3, 4]);
  const b = graph.param('W', [5, 4], 'f16');
  const y = graph.call(matmulNT, { a: x, b }, { label: 'read' }).y!;
  grad(graph, { seeds: new Map([[y, graph.input('dY', [3, 5])]]), wrt: [x] });
  expect(
    printGraph(graph)
      .split('\n')
      .map((line) => line.trim()),
  ).toEqual([
    '0  widen  read.b: x=param:W f16 [5, 4] → y [5, 4]',
    '1  matmulNT  read: a=input:x [3, 4], b=read.b.y [5, 4] → y [3, 5]',
    '2  widen  read.b.again: x=param:W f16 [5, 4] → y [5, 4]',
    '3  matmulNN  read.dA: a=input:dY [3, 5], b=read.b.again.y [5, 4] → y [3, 4]',
  ]);
});

test('nothing of f16 is updated, and no gradient of it is taken', () => {
  const graph = new Graph();
  const W = graph.param('W', [5, 4], 'f16');
  const y = graph.call(matmulNT, { a: graph.input('x', [3, 4]), b: W }).y!;
  expect(() => grad(graph, { seeds: new Map([[y, y]]), wrt: [W] })).toThrow(
    'grad: W: gradients are taken of f32 values, got one stored as f16. Load the model with its weights as f32.',
  );
  expect(() => graph.call(sgd, { param: W, grad: y }, { label: 'update' })).toThrow(
    'sgd: param is updated in place, which needs f32, got f16 W. Check the call at update.',
  );
});

test('a weight that f16 does not hold is refused with its place', async () => {
  const random = randomParameters(tinyGpt2);
  const from: Parameters = {
    async read(name, rows) {
      const values = (await random.read(name, rows)).slice();
      if (name === 'blocks.1.mlp.W_in') values[2 * tinyGpt2.D + 3] = -65520;
      return values;
    },
  };
  await expect(load(tinyGpt2, from, 'f16')).rejects.toThrow(
    'blocks.1.mlp.W_in: must lie within ±65504 to be stored as f16, got -65520 at [2, 3]. Leave the dtype at f32.',
  );
  await expect(load(tinyGpt2, from, 'f32')).resolves.toBeInstanceOf(DeviceModel);
});
