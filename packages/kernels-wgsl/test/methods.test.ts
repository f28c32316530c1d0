/** Every tuning method by what it may move, and low-rank adapters by their gradients, their merge and their resumption. */
import { describe, expect, test } from 'vitest';
import {
  adapterNames,
  beginAdapters,
  countTuned,
  type DeviceModel,
  makeBatches,
  masksOfSlices,
  memoryFolder,
  mergeAdapters,
  nll,
  nodesOf,
  openSafetensors,
  ownableSlices,
  parameterCount,
  parameterShapes,
  peftAdapter,
  Random,
  readFloats,
  Tuner,
  tunedParameters,
  Tuning,
  type Example,
  type Hyper,
  type ModelConfig,
  type Parameters,
  type TuneEvent,
  type TuneOptions,
} from '@circuit-tuning/core';
import { loadRandom, randomParameters } from './randomModel.js';
import { tinyGpt2, tinyLlama } from './tinyModels.js';

const families: readonly (readonly [string, ModelConfig])[] = [
  ['GPT-2', tinyGpt2],
  ['Llama', tinyLlama],
];

const examples: readonly Example[] = Array.from({ length: 8 }, (_, i): Example => {
  const random = new Random(11, i);
  const tokens = Array.from({ length: 6 }, () => random.below(40));
  return { kind: 'tokens', id: `${i}`, line: i + 1, tokens, targets: [] };
});

const sgd: Hyper = {
  optimizer: 'sgd',
  lr: 0.01,
  momentum: 0,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  maxNorm: 0,
  warmupSteps: 0,
  schedule: 'constant',
};

const options = (config: ModelConfig, changes: Partial<TuneOptions> = {}): TuneOptions => ({
  ...sgd,
  method: 'circuit',
  steps: 4,
  batchSize: 4,
  accumulation: 1,
  seed: 5,
  objective: 'all',
  search: {
    nodes: nodesOf(config, { convention: 'circuit-tuning', mlpBlock: 'whole' }),
    metric: 'nll',
    ablation: 'mean',
    positions: 'all',
    topN: 6,
    every: 2,
  },
  ...changes,
});

async function tuned(config: ModelConfig, changes: Partial<TuneOptions>) {
  const model = await loadRandom(config);
  const tuning = new Tuning(model, examples, options(config, changes));
  const events: TuneEvent[] = [];
  for await (const event of tuning.run()) events.push(event);
  await tuning.settle();
  return { model, tuning, events, searches: events.filter((event) => event.kind === 'search') };
}

/** Names of parameters that differ from the base. */
async function movedIn(model: DeviceModel): Promise<string[]> {
  const base = randomParameters(model.config);
  const names: string[] = [];
  for (const { name } of parameterShapes(model.config)) {
    const [before, after] = [await base.read(name), await model.read(name)];
    if (after.some((value, i) => value !== before[i])) names.push(name);
  }
  return names;
}

const countOf = (config: ModelConfig, { tuning }: { tuning: Tuning }): number =>
  countTuned(config, masksOfSlices(config, tuning.state.slices ?? []));

describe.each(families)('methods on %s', (_, config) => {
  const whole = countTuned(config, masksOfSlices(config, ownableSlices(options(config).search!.nodes)));

  test('the complement is all that nodes own and the circuit does not', async () => {
    const run = await tuned(config, { method: 'complement', steps: 1 });
    expect(run.searches[0]!.tuned).toBe(whole - tunedParameters(run.searches[0]!.circuit));
    expect(countOf(config, run)).toBe(run.searches[0]!.tuned);
  });

  test('the largest gradients hold as many parameters as the circuit, to within one slice', async () => {
    const run = await tuned(config, { method: 'gradient-norm', steps: 1 });
    const [search] = run.searches;
    const largest = config.F * config.D;
    expect(Math.abs(search!.tuned - tunedParameters(search!.circuit))).toBeLessThanOrEqual(largest);
    expect(run.tuning.state.slices!.length).toBeGreaterThan(0);
  });

  test('layers are tuned whole, attention and MLP, and no other', async () => {
    const run = await tuned(config, { method: 'layers', steps: 1 });
    const layers = new Set(run.tuning.state.slices!.map(({ parameter }) => parameter.split('.')[1]));
    expect(run.searches[0]!.tuned % (whole / config.L)).toBe(0);
    expect(run.searches[0]!.tuned).toBe((layers.size * whole) / config.L);
  });

  test('a random circuit that is fixed is drawn once, one that is not at each search', async () => {
    const fixed = await tuned(config, { method: 'random-fixed' });
    const random = await tuned(config, { method: 'random' });
    expect(fixed.searches).toHaveLength(1);
    expect(random.searches).toHaveLength(2);
    expect(random.searches[0]!.circuit).toEqual(fixed.searches[0]!.circuit);
    expect(random.searches[1]!.circuit).not.toEqual(fixed.searches[0]!.circuit);
  });

  test('extra parameters come from outside of the circuit, a share of what is there', async () => {
    const run = await tuned(config, { steps: 1, extra: 0.5 });
    const [search] = run.searches;
    const own = tunedParameters(search!.circuit);
    const share = (search!.tuned - own) / (whole - own);
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.8);
  });

  test.each(['gradient-norm', 'lora'] as const)(
    '%s: a run cut at any step and taken up again ends with the same bits as one that was not',
    async (method) => {
      const changes = { method, optimizer: 'adamw' } as const;
      const all = await tuned(config, changes);
      const first = await loadRandom(config);
      const before = new Tuning(first, examples, options(config, changes));
      for await (const event of before.run()) if (event.kind === 'step' && event.step === 3) break;
      await before.settle();
      const state = await before.tuner.readState();
      const kept = new Map<string, Float32Array<ArrayBuffer>>();
      for (const { name } of parameterShapes(config)) kept.set(name, await first.read(name));

      const second = await loadRandom(config);
      const after = new Tuning(second, examples, options(config, changes));
      await after.restore(before.state, async () => {
        const read: Parameters['read'] = async (name, rows) =>
          rows ? kept.get(name)!.slice(rows.from * config.D, rows.to * config.D) : kept.get(name)!;
        await second.writeAll({ read });
        after.tuner.writeState(state);
      });
      for await (const _ of after.run());
      await after.settle();
      for (const { name } of parameterShapes(config))
        expect(await second.read(name), name).toEqual(await all.model.read(name));
    },
  );
});

describe.each(families)('low-rank adapters on %s', (_, config) => {
  const [batch] = makeBatches(examples.slice(0, 4), { batchSize: 4 });
  const lora = { rank: 2, alpha: 4 };
  const open = async (): Promise<{ model: DeviceModel; tuner: Tuner; loss: (lr: number) => Promise<number> }> => {
    const model = await loadRandom(config);
    const tuner = new Tuner(model, sgd);
    const loss = async (lr: number): Promise<number> => (await tuner.step([batch!], [nll(batch!)], lr)).loss;
    return { model, tuner, loss };
  };

  test('their gradients are those of finite differences', async () => {
    const { model, tuner, loss } = await open();
    await beginAdapters(model, lora, 3);
    // B at nought would hide the gradient of A
    const random = new Random(1);
    const weights = ['blocks.0.attn.W_K', 'blocks.1.attn.W_O', 'blocks.0.mlp.W_in', 'blocks.1.mlp.W_out'];
    for (const weight of weights) {
      const { B } = adapterNames(weight, lora.rank);
      model.session.write(
        B,
        (await model.session.read(B)).map(() => 0.3 * random.normal()),
      );
    }
    tuner.setAdapters(lora);
    const matrices = parameterShapes(config).filter(({ kind }) => kind === 'matrix');
    const names = matrices.flatMap(({ name }) => Object.values(adapterNames(name, lora.rank)));
    const before = await model.session.readAll(names);
    const rate = 1e-2;
    await loss(rate);
    const after = await model.session.readAll(names);
    for (const [name, values] of before) model.session.write(name, values);
    const looked = weights.flatMap((weight) => Object.values(adapterNames(weight, lora.rank)));
    for (const name of looked) {
      const values = before.get(name)!;
      const at = values.findIndex((value, i) => Math.abs(after.get(name)![i]! - value) > 2e-5);
      expect(at, `${name} moves`).toBeGreaterThanOrEqual(0);
      const gradient = (values[at]! - after.get(name)![at]!) / rate;
      const around: number[] = [];
      for (const h of [0.02, -0.02]) {
        model.session.write(name, values.with(at, values[at]! + h));
        around.push(await loss(0));
      }
      model.session.write(name, values);
      expect((around[0]! - around[1]!) / 0.04, name).toBeCloseTo(gradient, 2);
    }
  });

  test('they begin as the base, bit for bit, and what is merged is what was trained', async () => {
    const { model, tuner, loss } = await open();
    await beginAdapters(model, lora, 3);
    await mergeAdapters(model, lora);
    expect(await movedIn(model)).toEqual([]);
    tuner.setAdapters(lora);
    for (let step = 0; step < 3; step++) await loss(0.1);
    const adapted = await loss(0);
    await mergeAdapters(model, lora);
    const matrices = parameterShapes(config).flatMap(({ kind, name }) => (kind === 'matrix' ? [name] : []));
    expect(await movedIn(model)).toEqual(matrices);
    tuner.setMasks(masksOfSlices(config, ownableSlices(nodesOf(config))));
    expect(await loss(0)).toBeCloseTo(adapted, 5);
  });

  test('what PEFT reads makes the merged weights of the base', async () => {
    const { model, tuner, loss } = await open();
    await beginAdapters(model, lora, 3);
    tuner.setAdapters(lora);
    for (let step = 0; step < 3; step++) await loss(0.1);
    await mergeAdapters(model, lora);
    const files = await peftAdapter(config, lora, (name) => model.session.read(name), 'base');
    const folder = await memoryFolder('adapter', files);
    const text = (await folder.open('adapter_config.json'))!;
    const asked = JSON.parse(new TextDecoder().decode(await text.read(0, text.size))) as {
      r: number;
      lora_alpha: number;
      rank_pattern: Record<string, number>;
      alpha_pattern: Record<string, number>;
    };
    const file = await openSafetensors((await folder.open('adapter_model.safetensors'))!);
    // module, where its rows of out begin, our name, whether ours is [in, out]
    const modules =
      config.modelType === 'gpt2'
        ? ([
            ['transformer.h.1.attn.c_attn', config.D, 'blocks.1.attn.W_K', false],
            ['transformer.h.0.attn.c_proj', 0, 'blocks.0.attn.W_O', true],
            ['transformer.h.0.mlp.c_fc', 0, 'blocks.0.mlp.W_in', false],
          ] as const)
        : ([
            ['model.layers.1.self_attn.k_proj', 0, 'blocks.1.attn.W_K', false],
            ['model.layers.0.mlp.down_proj', 0, 'blocks.0.mlp.W_out', true],
          ] as const);
    for (const [module, first, ours, isTransposed] of modules) {
      const short = module.split('.').at(-1)!;
      const r = asked.rank_pattern[short] ?? asked.r;
      const s = (asked.alpha_pattern[short] ?? asked.lora_alpha) / r;
      const name = `base_model.model.${module}`;
      const [A, B] = [await readFloats(file, `${name}.lora_A.weight`), await readFloats(file, `${name}.lora_B.weight`)];
      const fanIn = A.length / r;
      const [base, merged] = [await randomParameters(config).read(ours), await model.read(ours)];
      const fanOut = merged.length / fanIn;
      let worst = 0;
      for (let o = 0; o < fanOut; o++)
        for (let i = 0; i < fanIn; i++) {
          let change = 0;
          for (let k = 0; k < r; k++) change += s * B[(first + o) * r + k]! * A[k * fanIn + i]!;
          const at = isTransposed ? i * fanOut + o : o * fanIn + i;
          worst = Math.max(worst, Math.abs(base[at]! + change - merged[at]!));
        }
      expect(worst, module).toBeLessThan(1e-5);
    }
  });

  test('PEFT finds a module of the model by each name, and every key that it scales them by', async () => {
    const { model } = await open();
    await beginAdapters(model, lora, 3);
    const files = await peftAdapter(config, lora, (name) => model.session.read(name), 'base');
    const folder = await memoryFolder('adapter', files);
    const text = (await folder.open('adapter_config.json'))!;
    const { L, D, H, K, E, F } = config;
    const isGpt2 = config.modelType === 'gpt2';
    // PEFT takes r of a module from rank_pattern, else from r, and scales by alpha / r: one scale for all of them here
    const { rank: r, alpha } = lora;
    expect(JSON.parse(new TextDecoder().decode(await text.read(0, text.size)))).toEqual({
      peft_type: 'LORA',
      task_type: 'CAUSAL_LM',
      base_model_name_or_path: 'base',
      inference_mode: true,
      r,
      lora_alpha: alpha,
      lora_dropout: 0,
      bias: 'none',
      fan_in_fan_out: isGpt2,
      target_modules: isGpt2
        ? ['c_attn', 'c_proj', 'c_fc']
        : ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
      rank_pattern: isGpt2 ? { c_attn: 3 * r } : {},
      alpha_pattern: isGpt2 ? { c_attn: 3 * alpha } : {},
    });
    // [in, out] of each, whichever way round the module's own weight lies
    const sizes: Record<string, readonly [number, number]> = isGpt2
      ? { 'attn.c_attn': [D, 3 * D], 'attn.c_proj': [D, D], 'mlp.c_fc': [D, F], 'mlp.c_proj': [F, D] }
      : {
          'self_attn.q_proj': [D, H * E],
          'self_attn.k_proj': [D, K * E],
          'self_attn.v_proj': [D, K * E],
          'self_attn.o_proj': [H * E, D],
          'mlp.gate_proj': [D, F],
          'mlp.up_proj': [D, F],
          'mlp.down_proj': [F, D],
        };
    const want = Array.from({ length: L }, (_, l) =>
      Object.entries(sizes).flatMap(([module, [fanIn, fanOut]]) => {
        const at = `base_model.model.${isGpt2 ? 'transformer.h' : 'model.layers'}.${l}.${module}`;
        const rank = module.endsWith('c_attn') ? 3 * r : r;
        return [`${at}.lora_A.weight ${rank},${fanIn}`, `${at}.lora_B.weight ${fanOut},${rank}`];
      }),
    ).flat();
    const file = await openSafetensors((await folder.open('adapter_model.safetensors'))!);
    expect([...file.tensors].map(([name, { shape }]) => `${name} ${shape.join(',')}`).toSorted()).toEqual(
      want.toSorted(),
    );
  });

  test('their rank is the one whose parameters come nearest to the circuit', async () => {
    const { searches, tuning } = await tuned(config, {
      method: 'lora',
      steps: 1,
      search: { ...options(config).search!, topN: 20 },
    });
    const { rank, alpha } = tuning.state.adapters!;
    const each = searches[0]!.tuned / rank;
    expect(alpha).toBe(rank);
    expect(Math.abs(searches[0]!.tuned - tunedParameters(searches[0]!.circuit))).toBeLessThanOrEqual(each / 2);
    expect(searches[0]!.tuned).toBeLessThan(parameterCount(config));
  });
});
