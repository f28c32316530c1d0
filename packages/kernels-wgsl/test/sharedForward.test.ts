/** A search and the step after it on one forward pass: the same bits as with one each. */
import { describe, expect, test } from 'vitest';
import {
  nodesOf,
  parameterShapes,
  Profiler,
  Random,
  Tuning,
  type Example,
  type ModelConfig,
  type TuneOptions,
} from '@circuit-tuning/core';
import { loadRandom } from './randomModel.js';
import { tinyGpt2, tinyLlama } from './tinyModels.js';

/** Of 4 to 9 tokens, so that a search by itself would pad some batches to 8 and a step to 16. */
const pairs: readonly Example[] = Array.from({ length: 8 }, (_, i): Example => {
  const random = new Random(11, i);
  const tokens = Array.from({ length: i < 4 ? 4 + i : 9 }, () => random.below(40));
  const corruptTokens = tokens.map((token, t) => (t === 1 ? (token + 1) % 40 : token));
  const targets = [{ pos: tokens.length - 1, good: [random.below(20)], bad: [20 + random.below(20)] }];
  return { kind: 'tokens', id: `${i}`, line: i + 1, tokens, corruptTokens, targets };
});

/** Both answers have a row where they are compared, the good one alone where it is trained on. */
const sequences: readonly Example[] = pairs.map((pair, i): Example => ({
  kind: 'sequence',
  id: `${i}`,
  line: i + 1,
  prompt: pair.kind === 'tokens' ? pair.tokens : [],
  goodAnswer: [1, 2],
  badAnswer: [3, 4],
}));

const options = (config: ModelConfig, changes: Partial<TuneOptions>, search: object): TuneOptions => ({
  optimizer: 'sgd',
  lr: 0.01,
  momentum: 0.9,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  maxNorm: 0,
  warmupSteps: 0,
  schedule: 'constant',
  method: 'circuit',
  steps: 3,
  batchSize: 4,
  accumulation: 1,
  seed: 5,
  objective: 'all',
  ...changes,
  search: {
    nodes: nodesOf(config, { convention: 'circuit-tuning', mlpBlock: 'whole' }),
    metric: 'logit_diff',
    ablation: 'mean',
    positions: 'all',
    topN: 12,
    every: 1,
    ...search,
  },
});

interface Setting {
  readonly changes?: Partial<TuneOptions>;
  readonly search?: object;
  readonly examples?: readonly Example[];
}

/** What a run tells and leaves, and the dispatches of its steps. */
async function tuned(config: ModelConfig, { changes = {}, search = {}, examples = pairs }: Setting) {
  const profiler = new Profiler();
  const model = await loadRandom(config, { profiler });
  const { session } = model;
  const tuning = new Tuning(model, examples, options(config, changes, search));
  const told: unknown[] = [];
  for await (const event of tuning.run())
    told.push(event.kind === 'search' ? [event.circuit.edges, event.scores.values, event.scores.metric] : event);
  const parameters = new Map<string, Float32Array>();
  for (const { name } of parameterShapes(config)) parameters.set(name, await model.read(name));
  const held = session.bytes;
  tuning.tuner.dispose();
  const dispatches = profiler.report().phases.find(({ phase }) => phase === 'step')!.dispatches;
  return { told, parameters, dispatches, given: held - session.bytes };
}

async function tunedBoth(config: ModelConfig, setting: Setting) {
  const shared = await tuned(config, setting);
  const own = await tuned(config, { ...setting, search: { ...setting.search, forwardBytes: 0 } });
  expect(shared.told).toEqual(own.told);
  expect(shared.parameters).toEqual(own.parameters);
  return { shared, own };
}

const families: readonly (readonly [string, ModelConfig])[] = [
  ['GPT-2', tinyGpt2],
  ['Llama', tinyLlama],
];

describe.each(families)('a search before every step of %s', (_, config) => {
  const both = (setting: Setting) => tunedBoth(config, setting);

  test.each(['sgd', 'adamw'] as const)('shares its forward pass with an %s step, to the bit', async (optimizer) => {
    const { shared, own } = await both({ changes: { optimizer } });
    expect(shared.dispatches).toBeLessThan(0.8 * own.dispatches);
  });

  test('does so for patched pairs, for answers alone and for other choices of what is tuned', async () => {
    for (const setting of [
      { search: { ablation: 'patching' } },
      { search: { positions: 'answer', combine: 'mean-then-dot' } },
      { changes: { method: 'complement', maxNorm: 1 } },
    ] satisfies Setting[]) {
      const { shared, own } = await both(setting);
      expect(shared.dispatches, JSON.stringify(setting)).toBeLessThan(0.9 * own.dispatches);
    }
  });

  test('does so where attention leaves no pattern behind', async () => {
    const long = pairs.map((pair) => ({ ...pair, ...(pair.kind === 'tokens' && { tokens: [...Array<number>(44).fill(3), ...pair.tokens] }) })); // prettier-ignore
    const { shared, own } = await tunedBoth({ ...config, T: 64 }, { examples: long, changes: { steps: 1 } });
    expect(shared.dispatches).toBeLessThan(0.8 * own.dispatches);
  });

  test('keeps nothing where the step computes something else', async () => {
    for (const setting of [
      { examples: sequences, search: { metric: 'logprob_diff' } },
      { changes: { accumulation: 2 } },
      { search: { every: 2 } },
      { search: { examples: pairs } },
      { search: { method: 'EAP-IG-inputs', ablation: 'patching' } },
    ] satisfies Setting[]) {
      const { shared, own } = await both(setting);
      expect(shared.dispatches, JSON.stringify(setting)).toBe(own.dispatches);
      expect(shared.given, JSON.stringify(setting)).toBe(own.given);
    }
  });

  test('gives back what it kept with the rest of what the run held', async () => {
    const { shared, own } = await both({});
    expect(shared.given).toBeGreaterThan(own.given);
  });
});
