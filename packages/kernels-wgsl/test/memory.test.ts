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
  methods,
  nodesOf,
  Random,
  rehearseSearch,
  requireMemory,
  Session,
  Tuning,
  wholeGraph,
  type AttributeOptions,
  type AttributionMethod,
  type Example,
  type MemoryUse,
  type Method,
  type ModelConfig,
  type TuneOptions,
  type WeightDType,
} from '@circuit-tuning/core';
import { testGpu } from '@circuit-tuning/testkit';
import { kernels } from '../src/index.js';
import { tinyGpt2, tinyLlama } from './tinyModels.js';

const { device, subgroup, isSoftware } = await testGpu();
const facts = { isSoftware, ...(subgroup && { subgroup }) };
const capabilities = capabilitiesOf(device, facts);

const [B, T] = [6, 12];
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
  optimizer: 'adamw',
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

/** Work of a kind on any examples; `steps` of a tuning. */
type Work = (model: DeviceModel, examples: readonly Example[], steps: number) => Promise<unknown>;

function worksOf(config: ModelConfig): Readonly<Record<string, Work>> {
  const nodes = nodesOf(config);
  const metric = 'logit_diff';
  const topN = Math.round(nodes.edgeCount / 10);
  const search = { nodes, metric, ablation: 'patching', positions: 'all', topN, every: 1 } as const;
  const patched = { metric, ablation: 'patching', batchSize: B } as const;
  const attributed =
    (changes: Partial<AttributeOptions> = {}): Work =>
    (model, examples) =>
      attribute(model, examples, { ...search, batchSize: B, ...changes });
  const tuned =
    (method: Method, edges: number): Work =>
    async (model, examples, steps) => {
      const tuning = new Tuning(model, examples, { ...tuneOptions, steps, method, search: { ...search, topN: edges } });
      const events = tuning.run();
      while (!(await events.next()).done);
    };
  // Which edges are strongest, and so what is tuned, is noise where nothing is computed: of half of them, and of all.
  const shares = [0.5, 1].map((share) => [share, Math.round(share * nodes.edgeCount)] as const);
  const tunings = methods.flatMap((method) =>
    // outside of all edges there is nothing
    shares
      .filter(([share]) => method !== 'complement' || share < 1)
      .map(([share, edges]) => [`tuning by ${method}, ${share} of the edges`, tuned(method, edges)] as const),
  );
  return {
    'the loss and the metric': async (model, examples) => {
      await measure(model, examples, { metric: 'nll', batchSize: B });
      await measure(model, examples, { metric, batchSize: B });
    },
    faithfulness: (model, examples) =>
      faithfulness(model, examples, [wholeGraph(nodes)], { ...patched, controls: examples.length > B ? 2 : 0 }),
    ...Object.fromEntries(attributionMethods.map((method) => [`scores by ${method}`, attributed({ method })])),
    'scores where means take the place of sources': attributed({ ablation: 'mean' }),
    'scores of answers alone': attributed({ positions: 'answer' }),
    'scores of each example': attributed({ perExample: true }),
    'the bootstrap of a circuit': (model, examples) =>
      rehearseSearch(model, examples, {
        ...search,
        batchSize: B,
        select: { rule: 'stable' },
        bootstrap: { resamples: 200 },
      }),
    ...Object.fromEntries(tunings),
    'a text gone on with': async (model) => {
      const said = generate(model, [1, 2, 3], { maxTokens: 2 });
      while (!(await said.next()).done);
    },
  };
}

describe.each([
  ['GPT-2', tinyGpt2],
  ['Llama', tinyLlama],
])('the memory of a %s', (_, config) => {
  const works = worksOf(config);
  // Two batches: what is kept between them would show. Of zeros, one of each would be as good.
  const few = examplesOf(config);
  const many = examplesOf(config, 3 * B);
  /** Planned from two batches and two steps, beside what three of them take: the share that it is off by. */
  const off = async (work: Work, dtype: WeightDType = 'f32'): Promise<{ off: number; said: MemoryUse }> => {
    const facts = { kernels, capabilities, dtype };
    const said = await memoryOf(config, facts, async (model) => void (await work(model, few, 2)));
    const taken = await peakOf(config, (model) => work(model, many, 3), dtype);
    return { off: said.total / taken - 1, said };
  };

  test.each(Object.entries(works))('is foretold within a tenth for %s', async (_, work) => {
    expect(Math.abs((await off(work)).off)).toBeLessThan(0.1);
  });

  test('is foretold within a tenth for weights that lie there as f16, and less', async () => {
    for (const use of ['the loss and the metric', 'faithfulness', 'scores by EAP']) {
      const [half, whole] = [await off(works[use]!, 'f16'), await off(works[use]!)];
      expect(Math.abs(half.off), use).toBeLessThan(0.1);
      expect(half.said.parameters).toBeLessThan(0.54 * whole.said.parameters);
    }
  });
});
