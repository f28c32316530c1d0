/** The loss that a batch's mean preference adds to: its value and its gradient, whichever way the batch leans. */
import { afterEach, expect, test } from 'vitest';
import {
  DeviceModel,
  fullMasks,
  logitDiff,
  makeBatches,
  measure,
  nll,
  parameterShapes,
  Random,
  Session,
  Tuner,
  Tuning,
  type Objective,
  type TokensExample,
  type TuneOptions,
} from '@circuit-tuning/core';
import { testGpu } from '@circuit-tuning/testkit';
import { kernels } from '../src/index.js';
import { tinyGpt2 } from './tinyModels.js';

const { device, subgroup, isSoftware } = await testGpu();
const sessions: Session[] = [];
afterEach(() => sessions.splice(0).forEach((opened) => opened.dispose()));

const config = { ...tinyGpt2, L: 1 };
const random = new Random(4);
const values = new Map(
  parameterShapes(config).map(({ name, shape, kind }) => {
    const length = shape.reduce((product, size) => product * size, 1);
    const at = kind === 'norm' && name.endsWith('.w') ? 1 : 0;
    return [name, Float32Array.from({ length }, () => at + 0.3 * random.normal())];
  }),
);
const load = (): Promise<DeviceModel> => {
  const session = new Session({ device, kernels, isSoftware, ...(subgroup && { subgroup }) });
  sessions.push(session);
  return DeviceModel.load(session, config, {
    async read(name, rows) {
      const width = parameterShapes(config).find((it) => it.name === name)!.shape[1] ?? 1;
      return rows ? values.get(name)!.slice(rows.from * width, rows.to * width) : values.get(name)!;
    },
  });
};

/** The second has two targets; of one several tokens are good. */
const examples = (good: number, bad: number): TokensExample[] =>
  [
    { tokens: [3, 17, 5, 9], targets: [{ pos: 4, good: [good], bad: [bad] }] },
    {
      tokens: [7, 2, 2, 11, 30],
      targets: [
        { pos: 2, good: [good, 33], bad: [bad] },
        { pos: 5, good: [good], bad: [bad] },
      ],
    },
    { tokens: [1, 4, 20], targets: [{ pos: 3, good: [good], bad: [bad] }] },
  ].map((it, i): TokensExample => ({ kind: 'tokens', id: `${i}`, line: i + 1, ...it }));

const hyper = {
  optimizer: 'sgd',
  lr: 0.1,
  momentum: 0,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  maxNorm: 0,
  warmupSteps: 0,
  schedule: 'constant',
} as const;

/** The loss that a step tells, and how far it moves every number. */
async function stepOn(batch: ReturnType<typeof makeBatches>[number], objective: Objective) {
  const model = await load();
  const tuner = new Tuner(model, hyper);
  tuner.setMasks(fullMasks(config));
  const { loss } = await tuner.step([batch], [objective], 0.1);
  const moved: number[] = [];
  for (const { name } of parameterShapes(config))
    moved.push(...(await model.read(name)).map((now, i) => now - values.get(name)![i]!));
  return { loss, moved };
}

test.each([
  ['good', 30, 31],
  ['bad', 31, 30],
])('a batch that leans to %s is pulled back by the gradient of its mean difference', async (_, good, bad) => {
  const all = examples(good, bad);
  const [batch] = makeBatches(all, { batchSize: 4, sides: 'good' });
  const { value } = await measure(await load(), all, { metric: 'logit_diff', batchSize: 4 });
  expect(Math.abs(value)).toBeGreaterThan(0.05);
  const plain = await stepOn(batch!, nll(batch!));
  const lean = await stepOn(batch!, logitDiff(batch!, { normalise: 'mean' }));
  const both = await stepOn(batch!, nll(batch!, { biasPenalty: 0.7 }));
  expect(lean.loss).toBeCloseTo(value, 5);
  expect(both.loss).toBeCloseTo(plain.loss + 0.7 * Math.abs(value), 5);
  const most = Math.max(...both.moved.map(Math.abs));
  for (const [i, moved] of both.moved.entries())
    if (Math.abs(moved - plain.moved[i]! - 0.7 * Math.sign(value) * lean.moved[i]!) > 1e-5 * most + 1e-6)
      expect.fail(`number ${i} moved by ${moved}, not ${plain.moved[i]! + 0.7 * Math.sign(value) * lean.moved[i]!}`);
});

test('tuning with it makes the batch less partial, and is refused where a batch is not the whole step', async () => {
  const all = examples(30, 31);
  const model = await load();
  const options: TuneOptions = {
    ...hyper,
    lr: 0.05,
    method: 'full',
    steps: 12,
    batchSize: 3,
    accumulation: 1,
    seed: 0,
    objective: 'all',
    biasPenalty: 2,
  };
  const before = (await measure(model, all, { metric: 'logit_diff', batchSize: 4 })).value;
  for await (const _ of new Tuning(model, all, options).run());
  const after = (await measure(model, all, { metric: 'logit_diff', batchSize: 4 })).value;
  expect(Math.abs(after)).toBeLessThan(Math.abs(before));
  expect(() => new Tuning(model, all, { ...options, accumulation: 2 })).toThrow(
    'accumulation: must be 1 with a bias penalty, which looks at the mean of one batch, got 2. Make batches larger instead.',
  );
  const plain = all.map(({ targets: _targets, ...rest }): TokensExample => ({ ...rest, targets: [] }));
  const [batch] = makeBatches(plain, { batchSize: 4 });
  expect(() => nll(batch!, { biasPenalty: 1 })).toThrow(
    'line 1: a logit difference needs a good and a bad answer at every target, got no target in 0.',
  );
});
