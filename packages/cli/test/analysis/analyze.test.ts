import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Analysis, RunEvent } from '@circuit-tuning/core';
import { zipRun } from '@circuit-tuning/web/record';
import { filesOfRun } from '../../src/runPlace.js';
import { syntheticRun } from '../report/syntheticRun.js';
import { workplace, type Workplace } from '../tiny.js';
import { handmadeRun } from './handmadeRun.js';
import { type } from '../typed.js';

let place: Workplace;
beforeAll(async () => {
  place = await workplace();
});
afterAll(() => place.remove());
afterEach(() => vi.restoreAllMocks());

const read = (path: string): Analysis => JSON.parse(readFileSync(path, 'utf8')) as Analysis;
const analyzed = async (...argv: string[]): Promise<Analysis> => {
  const { code, out, err } = await type('analyze', ...argv, '--json');
  expect([code, err]).toEqual([0, expect.not.stringContaining('error')]);
  return JSON.parse(out) as Analysis;
};

describe('analyze', () => {
  it('finds what was put into a run: who entered and left, what grew, and where the update lies', async () => {
    await handmadeRun(place.at('known'), place.model, 'delta');
    const { methods, notes, graph } = await analyzed(place.at('known'));
    const { searches, edges, trends, movement } = methods[0]!;
    expect(searches.map(({ step, edges: of }) => [step, of.entered, of.left, of.previous, of.first])).toEqual([
      [0, 2, 0, 1, 1],
      [4, 1, 1, 1 / 3, 1 / 3],
      [8, 1, 1, 1 / 3, 1],
    ]);
    expect(edges.map(({ name, persistence, entries }) => [name, persistence, entries])).toEqual([
      ['input->a0.h0<q>', 1, 1],
      ['a0.h0->logits', 2 / 3, 2],
      ['m0->logits', 1 / 3, 1],
    ]);
    expect(trends).toMatchObject({ tested: graph.edges, strengthened: 1, weakened: 0 });
    expect(trends!.edges[0]).toMatchObject({ name: 'input->a0.h0<q>', slope: 0.25, r: 1, first: -1, last: -3 });
    expect(searches[0]!.scores!.top1).toBeCloseTo(1 / (1 + 0.5 * (graph.edges - 1)), 10);
    expect(movement!.from).toBe('delta/circuit_delta.safetensors');
    // 8 rows of 16 numbers, each moved by 0.5
    expect(movement!.nodes[0]).toMatchObject({ node: 'a0.h0', share: 1, moved: expect.closeTo(Math.sqrt(32), 5) });
    const slice = movement!.slices.find(({ moved }) => moved > 0)!;
    expect(slice).toMatchObject({ parameter: 'blocks.0.attn.W_Q', from: 0, to: 8, numbers: 128 });
    expect(slice.rank).toBeCloseTo(1, 4);
    expect(notes).toEqual([expect.stringContaining('circuit searched 3 times')]);
  });

  it('takes the tuned model where there is no delta, and says where there is neither', async () => {
    await handmadeRun(place.at('whole'), place.model, 'model');
    expect((await analyzed(place.at('whole'))).methods[0]!.movement).toMatchObject({ from: 'model/circuit' });
    await handmadeRun(place.at('none'), place.model, 'nothing');
    const { methods, notes } = await analyzed(place.at('none'));
    expect(methods[0]!.movement).toBeUndefined();
    expect(notes).toContain('circuit left neither a delta nor a model, so where its update lies is unknown.');
  });

  it('goes on without the base model, and says so', async () => {
    await handmadeRun(place.at('baseless'), place.model, 'delta');
    const file = join(place.at('baseless'), 'experiment.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace(place.model, place.at('gone')));
    const { methods, notes } = await analyzed(place.at('baseless'));
    expect(methods[0]!.searches).toHaveLength(3);
    expect(notes).toContainEqual(
      expect.stringMatching(/^Where updates lie is left out\. .*gone: must be a model folder/),
    );
  });

  it('writes analysis.json, each table as CSV, and its part of the report', async () => {
    const run = place.at('run');
    mkdirSync(run);
    syntheticRun(run);
    expect((await type('report', run)).code).toBe(0);
    const { code, out } = await type('analyze', run, '--tables', 'csv');
    expect(code).toBe(0);
    expect(out).toMatch(/Method +step +all +entered +left/);
    expect(out).toContain('note: fixed searched once: a trend takes 3 searches at least.');
    const { format, methods } = read(join(run, 'analysis.json'));
    expect(format).toBe('circuit-tuning analysis 1');
    expect(methods.map(({ method, searches, drift }) => [method, searches.length, drift?.edges.a])).toEqual([
      ['circuit', 8, 60],
      ['full', 0, 60],
      ['random', 8, 60],
      ['fixed', 1, 60],
    ]);
    // the run told the same overlaps while it went on
    const told = readFileSync(join(run, 'events.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('"search"') && line.includes('"method":"circuit"'))
      .map((line) => (JSON.parse(line) as { jaccard_previous: number }).jaccard_previous);
    expect(methods[0]!.searches.map(({ edges }) => edges.previous)).toEqual(told);
    const files = readdirSync(run).filter((name) => name.endsWith('.csv'));
    expect(files).toHaveLength(11);
    const lines = readFileSync(join(run, 'analysis.turnover.csv'), 'utf8').split('\r\n');
    expect(lines[1]).toBe('circuit,0,60,60,0,1,1,' + lines[1]!.split(',').slice(7).join(','));
    const html = readFileSync(join(run, 'report.html'), 'utf8');
    expect(html).toContain('How it learnt');
    expect(html).toContain('<div id="search-charts">');
  });

  it('writes the same tables as Parquet, typed', async () => {
    expect((await type('analyze', place.at('run'), '--tables', 'parquet')).code).toBe(0);
    const bytes = readFileSync(join(place.at('run'), 'analysis.edges.parquet'));
    const rows = await parquetReadObjects({
      file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
    });
    const { methods } = read(join(place.at('run'), 'analysis.json'));
    expect(rows).toHaveLength(methods.reduce((sum, { edges }) => sum + edges.length, 0));
    const [first] = methods[0]!.edges;
    expect(rows[0]).toEqual({
      Method: 'circuit',
      Edge: first!.name,
      entered: first!.entered,
      left: first!.left ?? null,
      entries: first!.entries,
      searches: first!.searches,
      persistence: first!.persistence,
    });
  });

  it('puts the analysis of a zip beside it', async () => {
    const run = place.at('zipped');
    mkdirSync(run);
    syntheticRun(run, { methods: ['circuit'], isCutOff: true });
    const files = filesOfRun({ name: 'zipped', folder: run, isZip: false, remove: async () => undefined }, run);
    writeFileSync(place.at('saved.zip'), new Uint8Array(await (await zipRun(files)).arrayBuffer()));
    expect((await type('analyze', place.at('saved.zip'))).code).toBe(0);
    expect(read(place.at('saved.analysis.json')).methods[0]!.searches).toHaveLength(4);
    expect(existsSync(join(run, 'analysis.json'))).toBe(false);
  });
});

describe('analyze --checkpoints', () => {
  const tuned = async (name: string): Promise<string> => {
    const { model, task } = place;
    const run = place.at(name);
    const how = ['--steps', '4', '--every', '2', '--save-every', '2', '--keep-checkpoints', 'all', '--lr', '0.05'];
    expect((await type('tune', '--model', model, '--task', task, ...how, '--out', run)).code).toBe(0);
    return run;
  };

  it('finds what the run told of its searches and of how far it moved while it went on', async () => {
    const run = await tuned('figures');
    const { searches, movement } = (await analyzed(run)).methods[0]!;
    const events = readFileSync(join(run, 'events.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RunEvent);
    const told = events.flatMap((event) => (event.kind === 'search' ? [event] : []));
    expect(told.map((it) => [it.entered, it.left, it.nodes_first, it.nodes_previous, it.entropy])).toEqual(
      searches.map(({ edges, nodes, scores }) => [
        edges.entered,
        edges.left,
        nodes.first,
        nodes.previous,
        expect.closeTo(scores!.entropy, 9),
      ]),
    );
    const moves = events.flatMap((event) => (event.kind === 'moved' ? [event] : []));
    expect(moves.map(({ step }) => step)).toEqual([2, 4]);
    const shares = movement!.nodes.filter(({ share }) => share > 0).map(({ node, share }) => [node, share]);
    for (const [node, share] of shares) expect(moves[1]!.shares[node!]).toBeCloseTo(share as number, 9);
    expect(Object.keys(moves[1]!.shares)).toHaveLength(shares.length);
    expect(moves[1]!.norm).toBeCloseTo(Math.hypot(...movement!.nodes.map(({ moved }) => moved)), 9);
    expect(moves[0]!.relative).toBeLessThan(moves[1]!.relative);
  });

  it('reads the heads of the base and of every checkpoint, and what became of them', async () => {
    const run = await tuned('heads');
    const { methods, notes } = await analyzed(run, '--checkpoints', 'all');
    const { heads, parts } = methods[0]!;
    expect(heads!.map(({ step, from }) => [step, from])).toEqual([
      [0, 'the base model'],
      [2, 'checkpoints/circuit/step-000002'],
      [4, 'checkpoints/circuit/step-000004'],
    ]);
    for (const { parts: all, value, examples, withSides } of heads!) {
      expect(all.reduce((sum, { direct }) => sum + direct.mean, 0)).toBeCloseTo(value, 4);
      expect([examples, withSides]).toEqual([12, 12]);
    }
    expect(heads![2]!.value).not.toBeCloseTo(heads![0]!.value, 3);
    expect(notes.filter((note) => note.includes('subject'))).toEqual([]);
    const head = parts!.find(({ part }) => part === 'a1.h0')!;
    const directs = heads!.map((at) => at.parts.find(({ part }) => part === 'a1.h0')!.direct.mean);
    expect(head.direct).toMatchObject({ first: directs[0], last: directs[2], most: Math.max(...directs) });
    // what tuning left says the same as its last checkpoint
    rmSync(join(run, 'checkpoints'), { recursive: true });
    const { methods: again } = await analyzed(run, '--checkpoints', '0,4', '--limit', '12');
    expect(again[0]!.heads!.map(({ from, value }) => [from, value])).toEqual([
      ['the base model', heads![0]!.value],
      ['delta/circuit_delta.safetensors', heads![2]!.value],
    ]);
    const { code, err } = await type('analyze', run, '--checkpoints', '0,2');
    expect(code).not.toBe(0);
    expect(err).toContain(
      '--checkpoints: must be steps whose model was kept: 0, 4, got 2. Take those, or run the experiment with ' +
        'tuning.keep_checkpoints: all',
    );
  });

  it('tells what a head depends on at each step, in the file and as a table', async () => {
    const run = await tuned('upstream');
    const how = ['--checkpoints', '0,4', '--upstream', 'a1.h1,a1.h0', '--limit', '5', '--tables', 'csv'];
    const { methods } = await analyzed(run, ...how);
    const { heads } = methods[0]!;
    expect(heads!.map(({ step, upstream }) => [step, upstream!.map(({ head }) => head)])).toEqual([
      [0, ['a1.h1', 'a1.h0']],
      [4, ['a1.h1', 'a1.h0']],
    ]);
    const [first] = heads![0]!.upstream!;
    const own = heads![0]!.parts.find(({ part }) => part === 'a1.h1')!;
    expect(first).toMatchObject({ ablation: 'mean', examples: 5, withSubject: 5 });
    expect(first!.direct.mean).toBeCloseTo(own.direct.mean, 5);
    expect(first!.attention!.mean).toBeCloseTo(own.attention!.mean, 5);
    expect(first!.parts.map(({ part }) => part)).toEqual(['a0.h0', 'a0.h1', 'm0']);
    const lines = readFileSync(join(run, 'analysis.upstream.csv'), 'utf8').trim().split('\r\n');
    expect(lines[0]).toContain('Method,step,Head,Part ablated,by,attention to the subject whole');
    expect(lines).toHaveLength(1 + 2 * 2 * 3);
    expect((await type('report', run)).code).toBe(0);
    expect(readFileSync(join(run, 'report.html'), 'utf8')).toContain('What heads depend on');
  });

  it('is planned before it begins, and told what would take less', async () => {
    const run = await tuned('planned');
    const analyze = (...argv: string[]) => type('analyze', run, '--checkpoints', '0', '--limit', '8', ...argv);
    const all = (await analyze('--upstream', 'a1.h0', '--memory', '21KiB')).err;
    expect(all).toMatch(
      /^error: analyze: must take at most the 21 KiB that --memory allows on the device, got \d+ KiB/,
    );
    const most = Number(/got (\d+) KiB/.exec(all)![1]);
    const budget = ['--memory', `${Math.round(0.8 * most)}KiB`];
    const { code, err } = await analyze('--upstream', 'a1.h0', ...budget);
    expect(code).not.toBe(0);
    expect(err).toMatch(/Lower --batch-size to \d+, which takes \d+ KiB, or leave --upstream out, which takes \d+ KiB/);
    const fewer = /Lower --batch-size to (\d+)/.exec(err)![1]!;
    for (const way of [['--batch-size', fewer, '--upstream', 'a1.h0'], []])
      expect((await analyze(...way, ...budget)).code, way.join(' ')).toBe(0);
  });

  it('needs steps, and a reason for --limit', async () => {
    const refused = async (...argv: string[]): Promise<string> =>
      (await type('analyze', place.at('known'), ...argv)).err;
    expect(await refused('--checkpoints', 'first')).toContain(
      `--checkpoints: must be steps with commas between them, or 'all', got "first". As in 0,20,100`,
    );
    expect(await refused('--limit', '3')).toContain(
      '--limit: takes effect only with --checkpoints, got 3. Leave it out.',
    );
    expect(await refused('--batch-size', '4')).toContain(
      '--batch-size: takes effect only with --checkpoints, got 4. Leave it out.',
    );
    expect(await refused('--memory', '2GiB')).toContain('--memory: takes effect only with --checkpoints, got 2GiB.');
    expect(await refused('--upstream', 'a1.h0')).toContain(
      '--upstream: takes effect only with --checkpoints, got a1.h0. Leave it out.',
    );
    expect(await refused('--checkpoints', '0', '--ablation', 'zero')).toContain(
      '--ablation: takes effect only with --upstream, got zero. Leave it out.',
    );
    expect(await refused('--checkpoints', '0', '--upstream', 'a1,h0')).toContain(
      '--upstream: must be heads with commas between them, got "a1,h0". As in a2.h6,a2.h2.',
    );
  });
});

describe('analyze refuses', () => {
  const refusal = async (...argv: string[]): Promise<string> => {
    const { code, out, err } = await type('analyze', ...argv);
    expect([code === 0, out]).toEqual([false, '']);
    return err;
  };

  it('a run that did not tune', async () => {
    const run = place.at('untuned');
    mkdirSync(run);
    syntheticRun(run, { methods: [] });
    expect(await refusal(run)).toContain(
      'must hold circuits of several moments: searches of a method, or a circuit after tuning, got the one before tuning only. ' +
        'Run an experiment with a tuning section; `circuit-tuning compare` looks at single circuits.',
    );
  });

  it('a folder that holds no run', async () => {
    mkdirSync(place.at('empty'));
    expect(await refusal(place.at('empty'))).toContain('must be the folder of a run');
  });

  it.each(['damaged', 'of another graph', 'missing'])('a circuit that is %s', async (what) => {
    const run = place.at(what);
    await handmadeRun(run, place.model, 'nothing');
    const file = join(run, 'circuits/circuit/step-000004.json');
    const text = readFileSync(file, 'utf8');
    if (what === 'missing') rmSync(file);
    // as many edges, of other names
    else writeFileSync(file, what === 'damaged' ? text.slice(0, 100) : text.replaceAll('a1.h1', 'a1.h2'));
    expect(await refusal(run)).toContain(
      `circuits/circuit/step-000004.json: must be a circuit over the graph of the run's other circuits, as events.jsonl ` +
        'names it, got one that is missing, damaged, or of another graph. Copy it again from where the run was made',
    );
  });

  it('a level that is none', async () => {
    expect(await refusal(place.at('known'), '--level', '1')).toContain(
      '--level: must lie between 0 and 1, got 1. As in 0.05.',
    );
  });
});
