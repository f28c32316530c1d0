/** Whole runs of a tiny random model: what they write, that they can be interrupted, and that they repeat bit for bit. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DELTA,
  fromGraphJson,
  keptEvents,
  keptParameters,
  lastLogits,
  memoryKeeper,
  openModel,
  openSafetensors,
  readDelta,
  readFloats,
  runExperiment,
  type GraphJson,
  type Manifest,
  type Model,
  type RunEvent,
} from '@circuit-tuning/core';
import { nodeFolder, openFile, sha256 } from '../src/files.js';
import { Interrupted } from '../src/interrupt.js';
import { openNodeModel } from '../src/nodeModel.js';
import { prepare } from '../src/prepare.js';
import { checkExperiment } from '../src/readExperiment.js';
import { runInFolder } from '../src/runInFolder.js';
import { workplace, type Workplace } from './tiny.js';

let place: Workplace;
beforeAll(async () => {
  place = await workplace();
});
afterAll(() => place.remove());

const tuning = { steps: 4, every: 2, learning_rate: 0.05, batch_size: 4, evaluate_every: 2, save_every: 1 };
const experiment = (section: object = {}, evaluation: object = { faithfulness: [] }) =>
  prepare(
    checkExperiment(
      {
        model: place.model,
        seed: 5,
        data: { task: place.task, keep: { text: place.text } },
        discovery: { top_n: 12, batch_size: 4 },
        tuning: { ...tuning, ...section },
        evaluation: { batch_size: 4, ...evaluation },
      },
      (path) => path.join('.'),
    ),
  );

interface Started {
  readonly out: string;
  readonly isResumed?: boolean;
  readonly isFlat?: boolean;
  readonly isAhead?: boolean;
  /** Interrupts once this event was told. */
  readonly until?: (event: RunEvent) => boolean;
}

async function run(
  prepared: Awaited<ReturnType<typeof experiment>>,
  { until, ...options }: Started,
): Promise<RunEvent[]> {
  const controller = new AbortController();
  const events: RunEvent[] = [];
  for await (const event of runInFolder(prepared, { ...options, argv: ['run'], signal: controller.signal })) {
    events.push(event);
    if (until?.(event)) controller.abort(new Interrupted('interrupted'));
  }
  return events;
}

const read = (...path: string[]): Buffer => readFileSync(join(...path));
const eventsOf = (out: string): RunEvent[] =>
  read(out, 'events.jsonl')
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent);
/** What must repeat: everything but the clock. */
const timeless = (events: readonly RunEvent[]) =>
  events.map(({ t: _t, ...event }) => ('seconds' in event ? { ...event, seconds: 0 } : event));

describe('a run', () => {
  let out: string;
  let events: RunEvent[];
  beforeAll(async () => {
    out = place.at('whole');
    events = await run(
      await experiment({ methods: ['circuit', 'full', 'random', 'fixed'] }, { faithfulness: [4, 12], controls: 2 }),
      { out },
    );
  }, 240_000);

  it('tells events in order, each written down as it is told', () => {
    // JSON knows no -0.
    expect(eventsOf(out)).toEqual(JSON.parse(JSON.stringify(events)));
    const told = events.filter(({ kind }) => !['step', 'metric', 'moved'].includes(kind));
    const label = (event: RunEvent) =>
      [event.kind, 'method' in event ? event.method : 'when' in event ? event.when : ''].join(' ');
    expect(told.map(label)).toEqual([
      'circuit before',
      'faithfulness before',
      'search circuit',
      'search circuit',
      'circuit after:circuit',
      'faithfulness after:circuit',
      'done circuit',
      'circuit after:full',
      'faithfulness after:full',
      'done full',
      'search random',
      'search random',
      'circuit after:random',
      'faithfulness after:random',
      'done random',
      'search fixed',
      'circuit after:fixed',
      'faithfulness after:fixed',
      'done fixed',
    ]);
  });

  it('tells the circuit first, before anything is measured, so that there is something to look at', () => {
    const [first] = events;
    expect(first).toMatchObject({ kind: 'circuit', when: 'before', circuit: 'circuits/before.json', edges: 12 });
    const graph = JSON.parse(read(out, 'circuits/before.json').toString()) as GraphJson;
    const inside = Object.values(graph.nodes).filter(({ in_graph: isInside }) => isInside);
    expect(first).toMatchObject({ nodes: inside.length, metric: expect.any(Number) });
  });

  it('begins every method at the base: the same numbers at step 0, the same first circuit', () => {
    const starts = events
      .filter((event) => event.kind === 'metric' && event.step === 0)
      .map(({ t: _t, ...event }) => ({ ...event, method: '' }));
    expect(starts).toHaveLength(5);
    for (const start of starts) expect(start).toEqual(starts[0]);
    const first = (method: string) =>
      JSON.parse(read(out, 'circuits', method, 'step-000000.json').toString()) as { edges: object };
    expect(first('circuit').edges).toEqual(first('fixed').edges);
  });

  it('measures faithfulness beside the whole model, the ablated one and random circuits', () => {
    const before = events.find((event) => event.kind === 'faithfulness')!;
    expect(before).toMatchObject({ kind: 'faithfulness', rows: [{ edges: 4 }, { edges: 12 }] });
    const [row] = before.kind === 'faithfulness' ? before.rows : [];
    expect(row!.random).toHaveLength(2);
    expect(row!.faithfulness).toBeCloseTo((row!.circuit - row!.ablated) / (row!.clean - row!.ablated), 6);
  });

  it('moves no parameter outside what a method tunes', () => {
    const done = events.flatMap((event) => (event.kind === 'done' ? [event] : []));
    const searches = events.flatMap((event) => (event.kind === 'search' ? [event] : []));
    for (const { method, moved, tuned_max } of done) {
      const sum = searches.filter((search) => search.method === method).reduce((all, { tuned }) => all + tuned, 0);
      expect(moved).toBeGreaterThan(0);
      expect(moved).toBeLessThanOrEqual(method === 'full' ? tuned_max : sum);
    }
  });

  it('leaves the folder that the report and other tools read', async () => {
    const manifest = JSON.parse(read(out, 'manifest.json').toString()) as Record<string, unknown>;
    expect(manifest).toMatchObject({
      status: 'done',
      argv: ['run'],
      data: { [place.task]: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(readdirSync(join(out, 'checkpoints/circuit'))).toEqual(['step-000003', 'step-000004']);
    expect(readdirSync(join(out, 'circuits'))).toContain('after-full.safetensors');
    const prepared = await experiment();
    const { circuit, scores } = fromGraphJson(
      read(out, 'circuits/before.json').toString(),
      prepared.nodes,
      'before.json',
    );
    expect(circuit.edges).toHaveLength(12);
    const file = await openSafetensors((await openFile(join(out, 'circuits/before.safetensors')))!);
    expect(file.tensors.get('scores')!.shape).toEqual([prepared.nodes.sources.length, prepared.nodes.reads.length]);
    expect(JSON.parse(file.metadata.reads!)).toEqual(prepared.nodes.reads);
    expect(await readFloats(file, 'scores')).toEqual(scores);
  });

  it('exports a model that reads back with the same logits, bit for bit, as does the base with the delta', async () => {
    const opened: Model[] = [];
    const base = await openModel(nodeFolder(place.model));
    for (const method of ['circuit', 'full']) {
      const delta = (await openFile(join(out, 'delta', method, DELTA)))!;
      opened.push(await openModel(nodeFolder(join(out, 'model', method))));
      opened.push(await openModel(nodeFolder(place.model), { overlay: await readDelta(delta, base.weights, sha256) }));
    }
    const logits: Float32Array[] = [];
    for (const model of [base, ...opened]) {
      const opened = await openNodeModel(model);
      logits.push(await lastLogits(opened.model, [1, 2, 3, 4]));
      opened.dispose();
    }
    const [before, circuit, circuitDelta, full, fullDelta] = logits;
    expect(circuitDelta).toEqual(circuit);
    expect(fullDelta).toEqual(full);
    expect(circuit).not.toEqual(before);
    expect(full).not.toEqual(circuit);
    // The checkpoint holds the same numbers as the export.
    const last = await openSafetensors(
      (await openFile(join(out, 'checkpoints/full/step-000004/parameters.safetensors')))!,
    );
    expect(await readFloats(last, 'embed.W_E')).toEqual(await opened[2]!.weights.read('embed.W_E'));
  });
});

describe('a run that is interrupted', () => {
  const cases = [
    ['circuit', { methods: ['circuit'], momentum: 0.9, weight_decay: 0.01 }],
    [
      'circuit',
      { methods: ['circuit'], optimizer: 'adamw', accumulation: 2, max_norm: 0.5, search_on: 'task', search_sample: 5 },
    ],
    ['random', { methods: ['full', 'random'] }],
  ] as const;

  it.each(cases)('in %s goes on to the bits of one that was not: %j', { timeout: 240_000 }, async (method, section) => {
    const prepared = await experiment(section);
    const [whole, parts] = [place.at('uncut'), place.at('cut')];
    await run(prepared, { out: whole });
    const stop = (event: RunEvent): boolean => event.kind === 'step' && event.method === method && event.step === 3;
    // as the command line runs it: steps are sent ahead of what is told
    await expect(run(prepared, { out: parts, until: stop, isAhead: true })).rejects.toThrow(Interrupted);
    expect(JSON.parse(read(parts, 'manifest.json').toString())).toMatchObject({ status: 'interrupted' });
    await run(prepared, { out: parts, isResumed: true });
    expect(JSON.parse(read(parts, 'manifest.json').toString())).toMatchObject({
      status: 'done',
      resumed: [expect.any(String)],
    });
    const weights = join('model', method, 'model.safetensors');
    expect(read(parts, weights).equals(read(whole, weights))).toBe(true);
    expect(timeless(eventsOf(parts))).toEqual(timeless(eventsOf(whole)));
    for (const out of [whole, parts]) rmSync(out, { recursive: true });
  });

  it('goes on in memory too, as pages keep it, to the files of a folder', { timeout: 240_000 }, async () => {
    const prepared = await experiment({ methods: ['circuit'] });
    const out = place.at('folder');
    await run(prepared, { out });
    const keeper = memoryKeeper(sha256);
    const runInMemory = async (until?: (event: RunEvent) => boolean): Promise<void> => {
      const opened = await openNodeModel(prepared.base);
      const controller = new AbortController();
      try {
        for await (const event of runExperiment({ model: opened.model, prepared, keeper, signal: controller.signal }))
          if (until?.(event)) controller.abort(new Interrupted('interrupted'));
      } finally {
        opened.dispose();
      }
    };
    await expect(runInMemory((event) => event.kind === 'step' && event.step === 3)).rejects.toThrow(Interrupted);
    expect([...keeper.files.keys()]).toContain('checkpoints/circuit/step-000003/state.json');
    const stopped = (await keptParameters(keeper, 'circuit'))!;
    expect(stopped.step).toBe(3);
    const saved = await openSafetensors(
      (await openFile(join(out, 'checkpoints/circuit/step-000003/parameters.safetensors')))!,
    );
    expect(await stopped.parameters.read('blocks.0.attn.W_Q')).toEqual(await readFloats(saved, 'blocks.0.attn.W_Q'));
    expect(await keptParameters(keeper, 'full')).toBeUndefined();
    await runInMemory();
    expect(timeless((await keptEvents(keeper)).map(({ event }) => event))).toEqual(timeless(eventsOf(out)));
    // these hold the clock
    const timed = /^events\.jsonl$|state\.json$/;
    for (const [path, bytes] of keeper.files)
      expect([path, timed.test(path) || read(out, path).equals(bytes)]).toEqual([path, true]);
    rmSync(out, { recursive: true });
  });

  it('by whoever stops asking goes on from its last checkpoint, at any event', { timeout: 240_000 }, async () => {
    const prepared = await experiment({ methods: ['circuit'], save_every: 2 });
    const whole = place.at('asked');
    await run(prepared, { out: whole });
    // while the base is measured, after a step, after a search behind a checkpoint, before the last test
    for (const stop of [2, 7, 9, 13]) {
      const out = place.at(`stop-${stop}`);
      const events = runInFolder(prepared, { out, argv: [], signal: new AbortController().signal });
      for (let i = 0; i < stop; i++) await events.next();
      await events.return(undefined);
      expect(JSON.parse(read(out, 'manifest.json').toString())).toMatchObject({ status: 'interrupted' });
      await run(prepared, { out, isResumed: true });
      expect(timeless(eventsOf(out))).toEqual(timeless(eventsOf(whole)));
      const weights = 'model/circuit/model.safetensors';
      expect(read(out, weights).equals(read(whole, weights))).toBe(true);
      rmSync(out, { recursive: true });
    }
    rmSync(whole, { recursive: true });
  });

  it('while it is paused keeps the step it is at, once it is asked on', { timeout: 240_000 }, async () => {
    const prepared = await experiment({ methods: ['circuit'], save_every: 4 });
    const out = place.at('paused');
    const controller = new AbortController();
    const events = runInFolder(prepared, { out, argv: [], signal: controller.signal });
    let kind: string | undefined;
    while (kind !== 'step') kind = ((await events.next()).value as RunEvent | undefined)?.kind;
    expect(existsSync(join(out, 'checkpoints'))).toBe(false);
    controller.abort(new Interrupted('interrupted'));
    await expect(events.next()).rejects.toThrow(Interrupted);
    expect(readdirSync(join(out, 'checkpoints/circuit'))).toEqual(['step-000001']);
    rmSync(out, { recursive: true });
  });

  it('says when it goes on on another adapter', { timeout: 240_000 }, async () => {
    const prepared = await experiment({ methods: ['circuit'], steps: 2 });
    const out = place.at('elsewhere');
    await expect(run(prepared, { out, until: ({ kind }) => kind === 'step' })).rejects.toThrow(Interrupted);
    const text = read(out, 'manifest.json').toString();
    const manifest = JSON.parse(text) as Manifest;
    const { name } = manifest.adapter;
    const changed = { ...manifest, adapter: { ...manifest.adapter, name: 'another GPU' } };
    writeFileSync(join(out, 'manifest.json'), JSON.stringify(changed));
    const notices: string[] = [];
    const { signal } = new AbortController();
    const onNotice = (notice: string) => void notices.push(notice);
    for await (const event of runInFolder(prepared, { out, argv: [], isResumed: true, signal, onNotice })) void event;
    expect(notices).toEqual([expect.stringContaining('this run was on another GPU (')]);
    expect(notices[0]).toContain(`goes on on ${name}`);
    rmSync(out, { recursive: true });
  });

  it('before its first checkpoint begins again, and forgets what it told', { timeout: 240_000 }, async () => {
    const out = place.at('early');
    const prepared = await experiment({ methods: ['circuit'], steps: 2 });
    await expect(run(prepared, { out, until: ({ kind }) => kind === 'circuit' })).rejects.toThrow(Interrupted);
    expect(eventsOf(out).map(({ kind }) => kind)).toEqual(['circuit']);
    const events = await run(prepared, { out, isResumed: true });
    expect(eventsOf(out)).toEqual(events);
    expect(await run(prepared, { out, isResumed: true })).toEqual([]);
    expect(existsSync(join(out, 'model/circuit/model.safetensors'))).toBe(true);

    const other = await experiment({ methods: ['circuit'], steps: 3 });
    await expect(run(other, { out, isResumed: true })).rejects.toThrow(
      `${out}: --resume: must go on with the experiment that the run was started with, got another one.`,
    );
    await expect(run(other, { out: place.at('none'), isResumed: true })).rejects.toThrow(
      'must be the folder of a run, got no experiment.yaml.',
    );
  });
});
