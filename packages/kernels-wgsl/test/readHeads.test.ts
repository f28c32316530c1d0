/** Direct logit attribution, attention to the subject and OV directions on a device, against plain f64 loops. */
import { afterEach, describe, expect, test } from 'vitest';
import {
  DeviceModel,
  Graph,
  measure,
  parameterShapes,
  PlainStream,
  Random,
  readHeads,
  runOnCpu,
  Session,
  tokenInputs,
  transformer,
  type HeadReadings,
  type ModelConfig,
  type TokensExample,
  type Value,
} from '@circuit-tuning/core';
import { testGpu } from '@circuit-tuning/testkit';
import { kernels } from '../src/index.js';
import { tinyGpt2, tinyLlama } from './tinyModels.js';

const { device, subgroup, isSoftware } = await testGpu();
const sessions: Session[] = [];
afterEach(() => sessions.splice(0).forEach((opened) => opened.dispose()));

type Values = Map<string, Float32Array<ArrayBuffer>>;

function randomValues(config: ModelConfig): Values {
  const random = new Random(3);
  return new Map(
    parameterShapes(config).map(({ name, shape, kind }) => {
      const length = shape.reduce((product, size) => product * size, 1);
      const isGain = kind === 'norm' && name.endsWith('.w');
      return [name, Float32Array.from({ length }, () => 0.3 * random.normal() + (isGain ? 1 : 0))];
    }),
  );
}

function load(config: ModelConfig, values: Values): Promise<DeviceModel> {
  const session = new Session({ device, kernels, isSoftware, ...(subgroup && { subgroup }) });
  sessions.push(session);
  return DeviceModel.load(session, config, {
    async read(name, rows) {
      const width = parameterShapes(config).find((it) => it.name === name)!.shape[1] ?? 1;
      return rows ? values.get(name)!.slice(rows.from * width, rows.to * width) : values.get(name)!;
    },
  });
}

/** Of unlike lengths, so that batches are padded; the second has two answers, the last no other side that differs. */
const examples: TokensExample[] = [
  { ...example(0, [3, 17, 5, 9]), corruptTokens: [3, 18, 5, 9], targets: [{ pos: 4, good: [30], bad: [31] }] },
  {
    ...example(1, [7, 2, 2, 11, 30, 8]),
    corruptTokens: [6, 2, 1, 11, 30, 8],
    targets: [
      { pos: 4, good: [30, 33], bad: [31] },
      { pos: 6, good: [12], bad: [13] },
    ],
  },
  { ...example(2, [1, 4, 20]), corruptTokens: [1, 4, 20], targets: [{ pos: 3, good: [31], bad: [30] }] },
];

function example(i: number, tokens: number[]): TokensExample {
  return { kind: 'tokens', id: `${i}`, line: i + 1, tokens, targets: [] };
}

const partOf = ({ parts }: HeadReadings, name: string) => parts.find(({ part }) => part === name)!;

describe.each([
  ['GPT-2', tinyGpt2],
  ['Llama with key/value heads for half of the query heads', { ...tinyLlama, K: 2 }],
])('heads of a tiny %s', (_, config) => {
  const values = randomValues(config);

  test('and all else that writes add up to the logit difference', async () => {
    const model = await load(config, values);
    const { value } = await measure(model, examples, { metric: 'logit_diff', batchSize: 2 });
    const read = await readHeads(model, examples, { batchSize: 2 });
    expect(read.value).toBeCloseTo(value, 6);
    expect(read.parts.reduce((sum, { direct }) => sum + direct.mean, 0)).toBeCloseTo(value, 5);
    expect(read).toMatchObject({ examples: 3, withSubject: 2, withSides: 2 });
    for (const one of examples) {
      const { parts, value: own } = await readHeads(model, [one], { batchSize: 2 });
      expect(parts.reduce((sum, { direct }) => sum + direct.mean, 0)).toBeCloseTo(own, 5);
    }
  });

  test('are what plain loops find, whatever the batch', async () => {
    const model = await load(config, values);
    for (const batchSize of [1, 3]) {
      const read = await readHeads(model, examples, { batchSize });
      const want = await Promise.all(examples.map((one) => plainly(config, values, model, one)));
      for (let l = 0; l < config.L; l++)
        for (let h = 0; h < config.H; h++) {
          const name = `a${l}.h${h}`;
          const { direct, attention, ov } = partOf(read, name);
          expect(direct.mean, name).toBeCloseTo(mean(want.map((of) => of.direct[name]!)), 5);
          expect(attention!.mean, name).toBeCloseTo(mean(want.slice(0, 2).map((of) => of.attention[name]!)), 5);
          expect(ov!.mean, name).toBeCloseTo(mean(want.slice(0, 2).map((of) => of.ov[name]!)), 4);
          expect(ov!.margin, name).toBeCloseTo(0.98 * Math.abs(want[0]!.ov[name]! - want[1]!.ov[name]!), 4);
        }
    }
  });

  test('take the subject that a row names, and need another side for their OV direction only', async () => {
    const model = await load(config, values);
    const named = examples.map(({ corruptTokens: _side, ...rest }): TokensExample => ({ ...rest, subject: [1] }));
    const read = await readHeads(model, named, { batchSize: 3 });
    expect(read).toMatchObject({ withSubject: 3, withSides: 0 });
    expect(partOf(read, 'a0.h0').ov).toBeUndefined();
    const all = await readHeads(
      model,
      named.map((one) => ({ ...one, subject: [...one.tokens.keys()] })),
      {
        batchSize: 3,
      },
    );
    expect(partOf(all, 'a1.h1').attention).toMatchObject({ mean: expect.closeTo(1, 5) });
  });
});

test('answers of several tokens are refused, and so is a task without examples', async () => {
  const model = await load(tinyGpt2, randomValues(tinyGpt2));
  const options = { batchSize: 2 };
  await expect(
    readHeads(
      model,
      [{ kind: 'sequence', id: 'x', line: 1, prompt: [1], goodAnswer: [2, 3], badAnswer: [4] }],
      options,
    ),
  ).rejects.toThrow('line 1: a logit difference needs answers of a single token, got answers of 2 and 1 tokens in x.');
  await expect(readHeads(model, [], options)).rejects.toThrow('heads: needs at least one example, got none.');
});

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

/** Of one example, in f64, by head: the formulas of readHeads.ts as loops over the weights. */
async function plainly(config: ModelConfig, values: Values, model: DeviceModel, one: TokensExample) {
  const { L, D, H, K, E, norm, tied } = config;
  const T = one.tokens.length;
  const side = async (tokens: readonly number[]) => {
    const graph = new Graph();
    const shape = { B: 1, T };
    const stream = new PlainStream(graph);
    transformer(graph, model.architecture(shape), tokenInputs(graph, '', shape), stream);
    const patterns = graph.calls.filter(({ op }) => op.name === 'attention').map(({ outs }) => outs['pattern']!);
    const leaves = new Map<string, ArrayLike<number>>(values);
    for (const name of ['embed.W_E', 'unembed.W_U']) if (values.has(name)) leaves.set(`${name}[0]`, values.get(name)!);
    if (model.session.has('rope.frequencies'))
      leaves.set('rope.frequencies', await model.session.read('rope.frequencies'));
    leaves.set('tokens', tokens);
    leaves.set(
      'mask',
      tokens.map(() => 1),
    );
    leaves.set('positions', [...tokens.keys()]);
    const fetch: Record<string, Value> = {
      rstd: stream.finalNorm.rstd,
      ...Object.fromEntries(patterns.map((pattern, l) => [`pattern${l}`, pattern])),
      ...Object.fromEntries(stream.writes.map(({ pre, at, layer }) => [`${at}${layer}`, pre])),
      ...Object.fromEntries(stream.reads.map(({ stats, at, layer }) => [`${at}${layer}.read`, stats.y])),
    };
    return runOnCpu(graph, leaves, fetch);
  };
  const [clean, corrupt] = [await side(one.tokens), await side(one.corruptTokens!)];
  const unembed = values.get(tied ? 'embed.W_E' : 'unembed.W_U')!;
  const gain = values.get('ln_final.w')!;
  const rows = one.targets.map(({ pos, good, bad }) => {
    const u = Float64Array.from({ length: D }, (_, d) => {
      const logit = (ids: readonly number[]) => mean(ids.map((id) => unembed[id * D + d]!));
      return (gain[d]! * (logit(good) - logit(bad))) / one.targets.length;
    });
    const centre = norm === 'layernorm' ? mean([...u]) : 0;
    return { n: pos - 1, unit: u.map((x) => x - centre) };
  });
  const subject = one.tokens.flatMap((token, t) =>
    token !== one.corruptTokens![t] && t < one.targets[0]!.pos ? [t] : [],
  );
  const found = { direct: {}, attention: {}, ov: {} } as Record<'direct' | 'attention' | 'ov', Record<string, number>>;
  for (let l = 0; l < L; l++)
    for (let h = 0; h < H; h++) {
      const name = `a${l}.h${h}`;
      const [WO, WV] = [values.get(`blocks.${l}.attn.W_O`)!, values.get(`blocks.${l}.attn.W_V`)!];
      const kv = Math.floor((h * K) / H);
      let direct = 0;
      for (const { n, unit } of rows)
        for (let e = 0; e < E; e++)
          for (let d = 0; d < D; d++)
            direct += clean[`attn${l}`]![(n * H + h) * E + e]! * WO[(h * E + e) * D + d]! * clean.rstd![n]! * unit[d]!;
      found.direct[name] = direct;
      found.attention[name] = mean(
        rows.map(({ n }) => subject.reduce((sum, t) => sum + clean[`pattern${l}`]![(h * T + n) * T + t]!, 0)),
      );
      const out = new Float64Array(D);
      for (let e = 0; e < E; e++) {
        let v = 0;
        for (const t of subject)
          for (let d = 0; d < D; d++) {
            const y = clean[`attn${l}.read`]![t * D + d]! - corrupt[`attn${l}.read`]![t * D + d]!;
            v += (WV[(kv * E + e) * D + d]! * y) / subject.length;
          }
        for (let d = 0; d < D; d++) out[d]! += v * WO[(h * E + e) * D + d]!;
      }
      const answer = Array.from({ length: D }, (_, d) => rows.reduce((sum, { unit }) => sum + unit[d]!, 0));
      const size = Math.hypot(...out) * Math.hypot(...answer);
      found.ov[name] = out.reduce((sum, x, d) => sum + x * answer[d]!, 0) / size;
    }
  return found;
}
