/** What memory commands are said to take before anything is allocated, beside what they then take. */
import { describe, expect, test } from 'vitest';
import {
  attribute,
  attributionMethods,
  capabilitiesOf,
  DeviceModel,
  faithfulness,
  generate,
  initialise,
  measure,
  memoryOf,
  memoryOfUses,
  methods,
  nodesOf,
  Random,
  rehearseSearch,
  requireMemory,
  Session,
  Tuning,
  wholeGraph,
  type AttributionMethod,
  type Example,
  type Memory,
  type MemoryUse,
  type ModelConfig,
  type NamedUse,
  type TuneOptions,
  type UseOptions,
  type WeightDType,
} from '@circuit-tuning/core';
import { testGpu } from '@circuit-tuning/testkit';
import { kernels } from '../src/index.js';
import { tinyGpt2, tinyLlama } from './tinyModels.js';

const { device, subgroup, isSoftware } = await testGpu();
const facts = { isSoftware, ...(subgroup && { subgroup }) };
const capabilities = capabilitiesOf(device, facts);

const [B, T] = [6, 12];
const optimizer = 'adamw';

function examplesOf({ V }: ModelConfig, count = 2 * B, length = T): Example[] {
  const random = new Random(4);
  const tokens = (): number[] => Array.from({ length }, () => random.below(V));
  // Two batches: what one holds more than the other would show.
  return Array.from({ length: count }, (_, i) => ({
    kind: 'tokens',
    id: `${i}`,
    line: i + 1,
    tokens: tokens(),
    corruptTokens: tokens(),
    targets: [{ pos: length - 1, good: [random.below(V)], bad: [random.below(V)] }],
  }));
}

/** The most bytes of buffers at once while the work runs, without those that only carry numbers back. */
async function peakOf(
  config: ModelConfig,
  work: (model: DeviceModel) => Promise<unknown>,
  dtype: WeightDType = 'f32',
): Promise<number> {
  const make = device.createBuffer.bind(device);
  let held = 0;
  let peak = 0;
  device.createBuffer = (descriptor) => {
    const buffer = make(descriptor);
    const bytes = descriptor.usage & GPUBufferUsage.MAP_READ ? 0 : descriptor.size;
    peak = Math.max(peak, (held += bytes));
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      held -= bytes;
      destroy();
    };
    return buffer;
  };
  const session = new Session({ device, kernels, ...facts });
  try {
    await work(await DeviceModel.load(session, config, initialise(config, 1), { dtype }));
    expect(session.bytes).toBeLessThanOrEqual(peak);
    return peak;
  } finally {
    session.dispose();
    device.createBuffer = make;
  }
}

const tuneOptions: Omit<TuneOptions, 'method' | 'search'> = {
  optimizer,
  steps: 3,
  batchSize: B,
  accumulation: 1,
  seed: 0,
  objective: 'all',
  lr: 1e-3,
  momentum: 0,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  maxNorm: 1,
  warmupSteps: 0,
  schedule: 'constant',
};

const gpt2: ModelConfig = { ...tinyGpt2, L: 12, D: 768, H: 12, K: 12, E: 64, F: 3072, V: 50257, T: 1024 };
const portable = { ...capabilities, limits: { ...capabilities.limits, maxStorageBufferBindingSize: 2 ** 27 } };

describe('memory of GPT-2 small, from plans alone', () => {
  const plan = (
    size: number,
    method: AttributionMethod = 'EAP',
    positions: 'all' | 'answer' = 'all',
  ): Promise<MemoryUse> =>
    memoryOf(gpt2, { kernels, capabilities: portable }, async (model) => {
      const examples = examplesOf(gpt2, size, 32);
      const options = { nodes: nodesOf(gpt2), metric: 'logit_diff', ablation: 'patching', positions } as const;
      await attribute(model, examples, { ...options, method, batchSize: size });
    });

  test('a search over 256 positions takes less than a gibibyte beside the weights', async () => {
    for (const method of ['EAP', 'EAP-IG-inputs'] as const) {
      const { total, parameters } = await plan(8, method);
      expect(parameters).toBe(4 * 124_439_808);
      expect((total - parameters) / 2 ** 30, method).toBeLessThan(1);
    }
  });

  test('a search of the answers alone takes a fifth of that: nothing is kept of rows that are not differentiated', async () => {
    const beside = ({ total, parameters }: MemoryUse): number => (total - parameters) / 2 ** 20;
    expect(beside(await plan(8, 'EAP', 'answer')) / beside(await plan(8))).toBeLessThan(0.2);
  });

  test('what is over a budget is refused, and told which batch would do', async () => {
    const budget = { where: 'discover', batchSize: 16, knobs: { batch: '--batch-size', budget: '--memory' } };
    const within = (bytes: number): Promise<MemoryUse> =>
      requireMemory({ ...budget, bytes }, (size) => plan(size), [
        { cure: 'score less', needs: (size) => plan(size, 'EAP', 'answer') },
        { cure: 'hope', needs: (size) => plan(size) },
      ]);
    await expect(within(900 * 2 ** 20)).rejects.toThrow(
      /^discover: must take at most the 900 MiB that --memory allows on the device, got \d+ MiB, of which 475 MiB are the model's parameters\. Lower --batch-size to 8, which takes \d+ MiB, or score less, which takes \d+ MiB, or take a --memory of \d+ MiB\.$/,
    );
    await expect(within(400 * 2 ** 20)).rejects.toThrow('The parameters alone are too much: take a smaller model, or');
    await expect(within(480 * 2 ** 20)).rejects.toThrow('Even one example at a time is too much: take a smaller model');
    expect((await within(4 * 2 ** 30)).total).toBeGreaterThan(900 * 2 ** 20);
  });
});

describe.each([
  ['GPT-2', tinyGpt2],
  ['Llama', tinyLlama],
])('the memory of a %s', (_, config) => {
  const nodes = nodesOf(config);
  const examples = examplesOf(config);
  const foretold = (method?: AttributionMethod, changes: Partial<UseOptions> = {}): Promise<Memory> => {
    const asked = { kernels, capabilities, nodes, B, T, ablation: 'patching', optimizer } as const;
    return memoryOfUses(config, { ...asked, ...(method && { method }), ...changes });
  };
  const topN = Math.round(nodes.edgeCount / 10);
  const metric = 'logit_diff';
  const search = { nodes, metric, ablation: 'patching', positions: 'all', topN, every: 1 } as const;
  const tuned = async (model: DeviceModel, method: 'circuit' | 'full'): Promise<void> => {
    const all = { ...tuneOptions, method, ...(method === 'circuit' && { search }) };
    const events = new Tuning(model, examples, all).run();
    while (!(await events.next()).done);
  };
  const works: Record<NamedUse, (model: DeviceModel) => Promise<unknown>> = {
    evaluate: async (model) => {
      await measure(model, examples, { metric: 'nll', batchSize: B });
      await measure(model, examples, { metric, batchSize: B });
    },
    faithfulness: (model) =>
      faithfulness(model, examples, [wholeGraph(nodes)], { metric, ablation: 'patching', batchSize: B, controls: 1 }),
    discover: (model) => attribute(model, examples, { ...search, batchSize: B }),
    'tune the circuit': (model) => tuned(model, 'circuit'),
    'tune everything': (model) => tuned(model, 'full'),
    generate: async (model) => {
      const said = generate(model, examples[0]!.kind === 'tokens' ? examples[0]!.tokens : [], { maxTokens: 2 });
      while (!(await said.next()).done);
    },
  };

  test('is foretold within a tenth for weights that lie there as f16, and less', async () => {
    for (const use of ['evaluate', 'faithfulness', 'discover'] as const) {
      const work = async (model: DeviceModel): Promise<void> => void (await works[use](model));
      const said = await memoryOf(config, { kernels, capabilities, dtype: 'f16' }, work);
      isClose(use, said, await peakOf(config, work, 'f16'));
      expect(said.parameters).toBeLessThan(0.54 * (await memoryOf(config, { kernels, capabilities }, work)).parameters);
    }
  });

  const isClose = (use: string, said: MemoryUse | string, taken: number): void => {
    expect(typeof said, `${use}: ${JSON.stringify(said)}`).toBe('object');
    const { total } = said as MemoryUse;
    expect(Math.abs(total / taken - 1), `${use}: said ${total}, took ${taken}`).toBeLessThan(0.1);
  };

  test('is foretold within a tenth for every command', async () => {
    const memory = await foretold();
    for (const [use, work] of Object.entries(works)) isClose(use, memory[use as NamedUse], await peakOf(config, work));
  });

  test.each(attributionMethods)('is foretold within a tenth for scores by %s', async (method) => {
    const { discover } = await foretold(method);
    const taken = await peakOf(config, (model) => attribute(model, examples, { ...search, method, batchSize: B }));
    isClose(method, discover, taken);
  });

  test.each(methods)('is foretold within a tenth for tuning by %s', async (method) => {
    // All edges: which of them are strongest, and so what is tuned, is noise where nothing is computed.
    const whole = { ...search, topN: method === 'complement' ? topN : nodes.edgeCount };
    const tuning = (all: readonly Example[], steps: number) => async (model: DeviceModel) => {
      const events = new Tuning(model, all, { ...tuneOptions, steps, method, search: whole }).run();
      while (!(await events.next()).done);
    };
    const said = await memoryOf(config, { kernels, capabilities }, tuning(examplesOf(config, B), 2));
    isClose(method, said, await peakOf(config, tuning(examples, 3)));
  });

  test('is foretold within a tenth for the bootstrap of a circuit', async () => {
    const some = examplesOf(config, 12);
    const stable = (model: DeviceModel) =>
      rehearseSearch(model, some, {
        ...search,
        batchSize: B,
        select: { rule: 'stable' },
        bootstrap: { resamples: 200 },
      });
    const said = await memoryOf(config, { kernels, capabilities }, stable);
    isClose('stability', said, await peakOf(config, stable));
  });

  test('is foretold within a tenth where means take the place of sources, and where answers alone are scored', async () => {
    for (const changes of [{ ablation: 'mean' }, { positions: 'answer' }] as const) {
      const { discover } = await foretold('EAP', changes);
      const taken = await peakOf(config, (model) =>
        attribute(model, examples, { ...search, ...changes, batchSize: B }),
      );
      isClose(JSON.stringify(changes), discover, taken);
    }
  });
});
