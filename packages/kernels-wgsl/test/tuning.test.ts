/** Masked steps against PyTorch, and what tuning must never do: move a frozen bit, depend on how a run was cut. */
import { afterEach, describe, expect, test } from 'vitest';
import {
  isEdge,
  edgeIndex,
  makeBatches,
  masksOf,
  nll,
  nodesOf,
  parameterShapes,
  Session,
  topEdges,
  Tuner,
  Tuning,
  type Circuit,
  type DeviceModel,
  type Example,
  type Hyper,
  type ModelConfig,
  type Nodes,
  type OptimizerKind,
  type TuneOptions,
} from '@circuit-tuning/core';
import { fixture, testGpu, type Fixture } from '@circuit-tuning/testkit';
import { kernels } from '../src/index.js';
import { tinyGpt2 } from './tinyModels.js';

const { device, subgroup, isSoftware } = await testGpu();
const sessions: Session[] = [];
const session = (): Session => {
  const opened = new Session({ device, kernels, isSoftware, ...(subgroup && { subgroup }) });
  sessions.push(opened);
  return opened;
};
afterEach(() => sessions.splice(0).forEach((opened) => opened.dispose()));
const gpt2 = await fixture('gpt2_tiny');

const hyper: Record<OptimizerKind, Hyper> = {
  sgd: {
    optimizer: 'sgd',
    lr: 0.05,
    momentum: 0.9,
    betas: [0.9, 0.999],
    eps: 1e-8,
    weightDecay: 1e-4,
    maxNorm: 0,
    warmupSteps: 0,
    schedule: 'constant',
  },
  adamw: {
    optimizer: 'adamw',
    lr: 2e-3,
    momentum: 0.9,
    betas: [0.9, 0.999],
    eps: 1e-8,
    weightDecay: 0.01,
    maxNorm: 0,
    warmupSteps: 0,
    schedule: 'constant',
  },
};

const tiny: ModelConfig = { ...tinyGpt2, L: 1, D: 8, E: 4, F: 16, V: 10, T: 8 };

async function examplesAt(fixed: Fixture, step: number): Promise<Example[]> {
  const [B, T] = fixed.shape(`train.ids.clean.step${step}`) as [number, number];
  const ids = await fixed.ints(`train.ids.clean.step${step}`);
  const mask = await fixed.ints(`train.mask.clean.step${step}`);
  return Array.from({ length: B }, (_, b) => ({
    kind: 'tokens',
    id: `${b}`,
    line: b + 1,
    tokens: Array.from(ids.subarray(b * T, (b + 1) * T)).filter((_, t) => mask[b * T + t]),
    targets: [],
  }));
}

/** `head.0.1`, `mlp.0`, `head.2.0.q`: the names of the authors' code. */
function circuitOf(nodes: Nodes, edges: [string, string, number][]): Circuit {
  const ours = (name: string): string =>
    name
      .replace(/^head\.(\d+)\.(\d+)(?:\.([qkv]))?$/, (_, l, h, at) => `a${l}.h${h}${at ? `<${at}>` : ''}`)
      .replace(/^mlp\.(\d+)$/, 'm$1');
  const index = edges.map(([from, to]) =>
    edgeIndex(nodes, nodes.sources.indexOf(ours(from)), nodes.reads.indexOf(ours(to))),
  );
  return { nodes, edges: Uint32Array.from(index).toSorted() };
}

async function allParameters(model: DeviceModel): Promise<Map<string, Float32Array>> {
  const values = new Map<string, Float32Array>();
  for (const { name } of parameterShapes(model.config)) values.set(name, await model.read(name));
  return values;
}

describe.skipIf(!gpt2)('tuning gpt2_tiny (needs ../shared/fixtures)', () => {
  const fixed = gpt2!;
  // The body runs even where its tests are skipped.
  const nodes = nodesOf(gpt2?.config ?? tiny, { convention: 'circuit-tuning' });

  test.each(['sgd', 'adamw'] as const)(
    'parameters after four masked %s steps agree with PyTorch to 1e-5',
    async (optimizer) => {
      const model = await fixed.load(session());
      const tuner = new Tuner(model, hyper[optimizer]);
      const steps = (
        fixed.json['headlevel'] as Record<string, { loss: number; top_edges: [string, string, number][] }[]>
      )[optimizer]!;
      for (const [i, { loss, top_edges }] of steps.entries()) {
        tuner.setMasks(masksOf(circuitOf(nodes, top_edges)));
        const [batch] = makeBatches(await examplesAt(fixed, i), { batchSize: 4 });
        const result = await tuner.step([batch!], [nll(batch!)], hyper[optimizer].lr);
        expect(result.loss).toBeCloseTo(loss, 4);
      }
      const want = await fixed.changedAt(`headlevel.${optimizer}.final.`);
      for (const { name } of parameterShapes(fixed.config)) {
        const [got, expected] = [await model.read(name), await want.read(name)];
        const worst = got.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
        expect(worst, name).toBeLessThan(1e-5);
      }
    },
  );

  const options = (changes: Partial<TuneOptions> = {}): TuneOptions => ({
    ...hyper.adamw,
    method: 'circuit',
    steps: 12,
    batchSize: 4,
    accumulation: 1,
    seed: 5,
    objective: 'all',
    search: { nodes, metric: 'nll', ablation: 'mean', positions: 'all', topN: 12, every: 3 },
    ...changes,
  });
  const texts = async (): Promise<Example[]> =>
    (await Promise.all([0, 1, 2, 3].map((step) => examplesAt(fixed, step)))).flat();

  async function tuned(
    changes: Partial<TuneOptions> = {},
    on?: DeviceModel,
  ): Promise<{ model: DeviceModel; events: unknown[]; tuning: Tuning }> {
    const model = on ?? (await fixed.load(session()));
    const tuning = new Tuning(model, await texts(), options(changes));
    const events: unknown[] = [];
    for await (const event of tuning.run())
      events.push(event.kind === 'search' ? [event.step, [...event.circuit.edges]] : event);
    return { model, events, tuning };
  }

  test('two runs of one seed end with the same bits; another seed does not', async () => {
    const [a, b, c] = [await tuned(), await tuned(), await tuned({ seed: 6 })];
    expect(a.events).toEqual(b.events);
    expect(await allParameters(a.model)).toEqual(await allParameters(b.model));
    expect(await allParameters(c.model)).not.toEqual(await allParameters(a.model));
  });

  test('steps sent before the ones before them are told end with the same bits, and tell the same', async () => {
    const plain = await tuned();
    const model = await fixed.load(session());
    const tuning = new Tuning(model, await texts(), options());
    const [events, ahead]: [unknown[], number[]] = [[], []];
    for await (const event of tuning.run((step) => step % 5 !== 0)) {
      events.push(event.kind === 'search' ? [event.step, [...event.circuit.edges]] : event);
      if (tuning.isAhead && event.kind === 'step') ahead.push(event.step);
    }
    expect(events).toEqual(plain.events);
    expect(await allParameters(model)).toEqual(await allParameters(plain.model));
    // not before a search (every 3), nor where somebody looks (every 5), nor after the last
    expect(ahead).toEqual([1, 2, 4, 7, 8, 11]);
  });

  test('a run cut at any step and taken up again ends with the same bits as one that was not', async () => {
    const whole = await tuned();
    const first = await fixed.load(session());
    const before = new Tuning(first, await texts(), options());
    for await (const event of before.run()) if (event.kind === 'step' && event.step === 7) break;
    const [parameters, state] = [await allParameters(first), await before.tuner.readState()];

    const second = await fixed.load(session());
    const after = new Tuning(second, await texts(), options());
    await after.restore(before.state, async () => {
      for (const [name, values] of parameters)
        await second.write(name, { read: async (_, rows) => slice(values, rows, fixed.config.D) });
      after.tuner.writeState(state);
    });
    for await (const _ of after.run());
    expect(await allParameters(second)).toEqual(await allParameters(whole.model));
  });

  test('only rows of the circuits move: everything else keeps every bit', async () => {
    const base = await allParameters(await fixed.load(session()));
    const model = await fixed.load(session());
    const tuning = new Tuning(model, await texts(), options({ method: 'fixed', steps: 20 }));
    let circuit: Circuit | undefined;
    for await (const event of tuning.run()) if (event.kind === 'search') circuit = event.circuit;
    const masks = masksOf(circuit!);
    let moved = 0;
    for (const [name, values] of await allParameters(model)) {
      const mask = masks.get(name);
      const width = values.length / (mask?.length ?? 1);
      values.forEach((value, i) => {
        const isTuned = mask?.[Math.floor(i / width)] === 1;
        if (value !== base.get(name)![i]) moved++;
        if (!isTuned && value !== base.get(name)![i]) expect.fail(`${name}[${i}] moved`);
      });
    }
    expect(moved).toBeGreaterThan(1000);
  });

  test('the optimizer keeps a state for rows that were tuned, and for no others', async () => {
    const model = await fixed.load(session());
    const tuner = new Tuner(model, hyper.adamw);
    const [batch] = makeBatches(await examplesAt(fixed, 0), { batchSize: 4 });
    const one = (from: string, to: string) => masksOf(circuitOf(nodes, [[from, to, 0]]));
    const { D, E, F } = fixed.config;
    const step = () => tuner.step([batch!], [nll(batch!)], 1e-3);
    const sizes = async () =>
      Object.fromEntries([...(await tuner.readState())].map(([name, values]) => [name, values.length]));
    tuner.setMasks(one('head.0.1', 'mlp.1'));
    await step();
    const mine = {
      'rows.blocks.0.attn.W_O': E,
      'm.blocks.0.attn.W_O': E * D,
      'age.blocks.0.attn.W_O': E,
      'm.blocks.0.attn.b_O': D,
      'age.blocks.0.attn.b_O': 1,
      'm.blocks.1.mlp.W_in': F * D,
    };
    expect(await sizes()).toMatchObject(mine);
    const waiting = (await tuner.readState()).get('m.blocks.0.attn.W_O')!;
    tuner.setMasks(one('head.0.0', 'mlp.1'));
    await step();
    expect(await sizes()).toMatchObject({
      ...mine,
      'rows.blocks.0.attn.W_O': 2 * E,
      'm.blocks.0.attn.W_O': 2 * E * D,
      'age.blocks.0.attn.W_O': 2 * E,
    });
    expect((await tuner.readState()).get('m.blocks.0.attn.W_O')!.subarray(E * D)).toEqual(waiting);
    tuner.clearState();
    expect(await sizes()).toEqual({});
  });

  test('a checkpoint that holds whole tensors, as older ones do, goes on with the same bits', async () => {
    const [a, b] = [await fixed.load(session()), await fixed.load(session())];
    const masks = masksOf(circuitOf(nodes, [['head.0.1', 'mlp.1', 0]]));
    const [batch] = makeBatches(await examplesAt(fixed, 0), { batchSize: 4 });
    const [whole, cut] = [new Tuner(a, hyper.adamw), new Tuner(b, hyper.adamw)];
    whole.setMasks(masks);
    await whole.step([batch!], [nll(batch!)], 1e-3);
    const packed = await whole.readState();
    const older = new Map<string, Float32Array>();
    for (const { name, shape } of parameterShapes(fixed.config))
      for (const kind of ['m', 'v', 'age']) {
        const values = packed.get(`${kind}.${name}`);
        if (!values) continue;
        const rows = packed.get(`rows.${name}`);
        const width = kind === 'age' ? 1 : shape[1]!;
        const wide = new Float32Array(shape[0]! * width);
        rows?.forEach((row, i) => wide.set(values.subarray(i * width, (i + 1) * width), row * width));
        older.set(`${kind}.${name}`, rows ? wide : values);
      }
    for (const [name, values] of await allParameters(a))
      await b.write(name, { read: async (_, rows) => slice(values, rows, fixed.config.D) });
    cut.writeState(older);
    cut.setMasks(masks);
    for (const tuner of [whole, cut]) await tuner.step([batch!], [nll(batch!)], 1e-3);
    expect(await allParameters(b)).toEqual(await allParameters(a));
    expect(() => cut.writeState(new Map([['m.blocks.0.attn.W_O', new Float32Array(3)]]))).toThrow(
      `optimizer state m.blocks.0.attn.W_O: must have ${fixed.config.D ** 2} numbers, got 3. Remove this checkpoint: the run goes on from the one before it.`,
    );
  });

  test('two micro-batches make the step that one batch of both makes', async () => {
    const one = await tuned({ batchSize: 8, method: 'full', steps: 2 });
    const two = await tuned({ batchSize: 4, accumulation: 2, method: 'full', steps: 2 });
    for (const [name, values] of await allParameters(two.model)) {
      const other = (await allParameters(one.model)).get(name)!;
      const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - other[i]!)), 0);
      // AdamW divides by the gradient's own size: where that is nought but rounding, rounding decides the sign.
      if (!name.endsWith('b_K')) expect(worst, name).toBeLessThan(1e-4);
    }
  });

  test('a random circuit owns as many parameters as the one found, within one edge', async () => {
    const { events } = await tuned({ method: 'random', steps: 1 });
    const { events: found } = await tuned({ steps: 1 });
    const count = (all: unknown[]): number => (all.at(-1) as { tuned: number }).tuned;
    expect(Math.abs(count(events) - count(found)) / count(found)).toBeLessThan(0.35);
  });

  test('clipping scales the gradient to the norm that was asked for', async () => {
    const { events } = await tuned({ ...hyper.sgd, method: 'full', steps: 1, maxNorm: 0.1 });
    const free = await tuned({ ...hyper.sgd, method: 'full', steps: 1, weightDecay: 0 });
    const clipped = await tuned({ ...hyper.sgd, method: 'full', steps: 1, weightDecay: 0, maxNorm: 0.1 });
    const { gradNorm } = events.at(-1) as { gradNorm: number };
    expect(gradNorm).toBeGreaterThan(0.1);
    const base = await (await fixed.load(session())).read('blocks.1.mlp.W_in');
    const [a, b] = [await free.model.read('blocks.1.mlp.W_in'), await clipped.model.read('blocks.1.mlp.W_in')];
    const at = a.findIndex((value, i) => Math.abs(value - base[i]!) > 1e-3);
    expect((b[at]! - base[at]!) / (a[at]! - base[at]!)).toBeCloseTo(0.1 / gradNorm, 2);
  });
});

const slice = (
  values: Float32Array,
  rows: { from: number; to: number } | undefined,
  width: number,
): Float32Array<ArrayBuffer> => Float32Array.from(rows ? values.subarray(rows.from * width, rows.to * width) : values);

test('ties are broken by index, and asking for more edges than there are is an error with the count', () => {
  const nodes = nodesOf(tiny);
  const flat = new Float32Array(nodes.sources.length * nodes.reads.length).fill(1);
  expect([...topEdges(nodes, flat, 3).edges]).toEqual([0, 1, 2]);
  expect(isEdge(nodes, 1, 0)).toBe(false);
  expect(() => topEdges(nodes, flat, 99)).toThrow(
    'top-n: must be a whole number from 1 to the 13 edges of this graph, got 99. Choose fewer edges, or the other graph convention.',
  );
});
