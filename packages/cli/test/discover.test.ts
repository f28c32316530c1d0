/** discover and what is asked of the circuits it finds: evaluate, convert. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openSafetensors, readFloats, type Curves, type GraphJson, type Predicted } from '@circuit-tuning/core';
import { openFile } from '../src/files.js';
import { workplace, type Workplace } from './tiny.js';
import { json, on, type } from './typed.js';

let place: Workplace;
let llama: Workplace;
beforeAll(async () => {
  place = await workplace();
  llama = await workplace('llama');
});
afterAll(() => {
  place.remove();
  llama.remove();
});
afterEach(() => vi.restoreAllMocks());

describe('discover', () => {
  it('writes graph.json and scores.safetensors, which evaluate takes', async () => {
    const out = place.at('found');
    const found = json(
      await type('discover', ...on(place), '--out', out, '--top-n', '10', '--batch-size', '4', '--json'),
    );
    expect(found).toMatchObject({ graph: 'eap-ig', edges: 10, examples: 12, metric_name: 'logit_diff' });
    expect(readdirSync(out).toSorted()).toEqual(['circuit.svg', 'graph.json', 'scores.safetensors']);
    const file = await openSafetensors((await openFile(join(out, 'scores.safetensors')))!);
    const { shape } = file.tensors.get('scores')!;
    expect(shape).toEqual([JSON.parse(file.metadata.sources!).length, JSON.parse(file.metadata.reads!).length]);
    expect((await readFloats(file, 'scores')).some((score) => score < 0)).toBe(true);

    const circuit = join(out, 'graph.json');
    const measured = json(await type('evaluate', ...on(place), '--circuit', circuit, '--controls', '2', '--json'));
    expect(measured).toMatchObject({ edges: 10, clean: measured.metric });
    expect(measured.metric).toBeCloseTo(found.metric as number, 5);
    expect(measured.random).toHaveLength(2);
    expect(measured.perplexity).toBeCloseTo(Math.exp(measured.loss as number), 6);
    const text = await type('evaluate', ...on(place), '--circuit', circuit);
    expect(text.out).toMatch(
      /edges +logit_diff of the circuit +of the model +ablated +faithfulness +random circuits\n/,
    );
  });

  it('takes either spelling of a flag, and every convention, ablation and form of score', async () => {
    const flags = [
      '--graph',
      'circuit-tuning',
      '--ablation',
      'mean',
      '--positions',
      'answer',
      '--combine',
      'mean-then-dot',
    ];
    const out = llama.at('found');
    const found = json(
      await type('discover', ...on(llama), ...flags, '--top_n', '6', '--batch_size=5', '--out', out, '--json'),
    );
    expect(found).toMatchObject({ graph: 'circuit-tuning', edges: 6 });
    const measured = json(
      await type('evaluate', ...on(llama), '--circuit', join(out, 'graph.json'), '--ablation', 'mean', '--json'),
    );
    expect(measured.edges).toBe(6);
  });

  it('is found by every method of attribution, which its scores tell', async () => {
    const found = async (name: string, ...flags: string[]) => {
      const out = place.at(name);
      await type('discover', ...on(place), '--limit', '3', ...flags, '--out', out);
      const { _meta: meta } = JSON.parse(readFileSync(join(out, 'graph.json'), 'utf8')) as { _meta: object };
      return meta;
    };
    const inputs = await found('inputs', '--method', 'EAP-IG-inputs', '--ig-steps', '2');
    expect(inputs).toMatchObject({ method: 'EAP-IG-inputs', steps: 2, ablation: 'patching' });
    const activations = ['--method', 'EAP-IG-activations', '--ablation', 'mean-positional'];
    expect(await found('activations', ...activations)).toMatchObject({ steps: 5, ablation: 'mean-positional' });
    expect(await found('ends', '--method', 'clean-corrupted')).not.toHaveProperty('steps');
    expect(await found('exact', '--method', 'exact')).toMatchObject({ method: 'exact' });
  });

  it('says what nodes and positions score, and keeps the scores of each example', async () => {
    const out = place.at('parts');
    const flags = ['--nodes', '--by-position', 'kind', '--per-example'];
    const { out: text } = await type('discover', ...on(place), '--top-n', '5', ...flags, '--out', out);
    expect(text).toMatch(/Strongest nodes\n\nnode +score\n/);
    expect(text).toMatch(/\nedge +score +before +differs +between +answer\n/);
    const columns = (file: string) => readFileSync(join(out, file), 'utf8').trim().split('\r\n').map((line) => line.split(',')); // prettier-ignore
    const tensor = async (file: string) => {
      const opened = await openSafetensors((await openFile(join(out, file)))!);
      return {
        ...opened.tensors.get('scores')!,
        metadata: opened.metadata,
        floats: await readFloats(opened, 'scores'),
      };
    };
    const whole = await tensor('scores.safetensors');
    const [S, R] = whole.shape as [number, number];
    const positions = await tensor('positions.safetensors');
    expect(positions.shape).toEqual([4, S, R]);
    expect(JSON.parse(positions.metadata.positions!)).toEqual(['before', 'differs', 'between', 'answer']);
    for (const [edge, score, ...parts] of columns('positions.csv').slice(1))
      expect(
        parts.reduce((sum, part) => sum + Number(part), 0),
        edge,
      ).toBeCloseTo(Number(score), 5);
    const each = await tensor('examples.safetensors');
    expect(each.shape).toEqual([12, S, R]);
    const mean = (edge: number) => each.floats.reduce((sum, it, i) => sum + (i % (S * R) === edge ? it / 12 : 0), 0);
    expect(mean(3)).toBeCloseTo(whole.floats[3]!, 5);
    const nodes = new Map(columns('nodes.csv').slice(1).map(([name, score]) => [name, Number(score)])); // prettier-ignore
    const last = whole.floats.subarray((S - 1) * R).reduce((sum, it) => sum + it, 0);
    expect(nodes.get('m1')).toBeCloseTo(last, 5);
    for (const [given, message] of [
      [
        ['--nodes', '--graph', 'circuit-tuning'],
        'nodes: are scored in the eap-ig graph: without an edge to the logits part of what a node does is missing, got circuit-tuning. Choose the eap-ig graph; mlp-block cuts its MLPs too.',
      ],
      [
        ['--by-position', 'end', '--method', 'exact'],
        'by-position: takes effect only with a method of gradients, got exact, which patches an edge at every position. Leave it out.',
      ],
      [
        ['--by-position', 'end', '--positions', 'answer'],
        'by-position: needs the sum over all positions, got positions answer, combine sum. Leave those out.',
      ],
    ] as const)
      // prettier-ignore
      expect((await type('discover', ...on(place), ...given, '--out', place.at('never'))).err).toBe(`error: ${message}\n`);
  });

  it('writes key and value edges for each query head, and converts into them, back, and into the layout of MIB', async () => {
    const [plain, wide] = [llama.at('per kv head'), llama.at('per query head')];
    const flags = ['--top-n', '9', '--out'];
    await type('discover', ...on(llama), ...flags, plain);
    await type('discover', ...on(llama), ...flags, wide, '--kv-per-query-head');
    const edgesOf = (...path: string[]) => (JSON.parse(readFileSync(join(...path), 'utf8')) as GraphJson).edges;
    expect(Object.keys(edgesOf(wide, 'graph.json')).filter((name) => name.endsWith('a0.h3<k>'))).toEqual([
      'input->a0.h3<k>',
    ]);
    const convert = (from: string, ...more: string[]) =>
      type('convert', join(from, 'graph.json'), '--model', llama.model, '--out', ...more);
    expect(await convert(plain, llama.at('wide.json'), '--kv-per-query-head')).toMatchObject({ code: 0, err: '' });
    expect(edgesOf(llama.at('wide.json'))).toEqual(edgesOf(wide, 'graph.json'));
    await convert(wide, llama.at('plain.json'));
    expect(edgesOf(llama.at('plain.json'))).toEqual(edgesOf(plain, 'graph.json'));
    await convert(plain, llama.at('circuits'), '--mib', 'ioi_tiny');
    const mib = llama.at('circuits/EAP_patching_edge/ioi_tiny/importances.json');
    expect(edgesOf(mib)).toEqual(edgesOf(wide, 'graph.json'));
    const shares = async (circuit: string) =>
      json(await type('evaluate', ...on(llama), '--circuit', circuit, '--controls', '0', '--json'));
    expect(await shares(mib)).toEqual(await shares(join(plain, 'graph.json')));

    for (const [given, message] of [
      [['--mib', 'ioi'], '--mib: must be a task and a model, with one underscore between them, got "ioi". As in'],
      [['--method', 'EAP'], '--method: takes effect only with --mib, got nothing. Leave it out.'],
    ] as const)
      expect((await convert(plain, llama.at('never'), ...given)).err).toContain(`error: ${message}`);
    expect(await type('discover', ...on(place), '--out', place.at('never'), '--kv-per-query-head')).toMatchObject({
      code: 2,
      err: 'error: kv-per-query-head: takes effect only where query heads share keys and values, got 2 key/value heads for 2 query heads. Leave it out.\n',
    });
  });

  it('is put to every test that evaluate has, whose cost is said first', async () => {
    const out = place.at('tested');
    await type('discover', ...on(place), '--out', out, '--top-n', '20');
    const tested = (...flags: string[]) =>
      type('evaluate', ...on(place), '--circuit', join(out, 'graph.json'), '--controls', '1', ...flags);
    const all = ['--curve', '--completeness', '--minimality', '0.01', '--exact', '--sample', '15'];
    const { err, ...found } = await tested(...all, '--results', place.at('mib'), '--json');
    expect(err).toContain(
      'passes over 12 examples: the curve, at most 60; completeness, 1; minimality, 16; exact effects, 16\n',
    );
    const result = json({ err: '', ...found });
    expect(result).toMatchObject({
      edges: 20,
      completeness: expect.any(Number),
      minimality: { tested: 15, tolerance: 0.01 },
      exact: { tested: 15, spearman: expect.any(Number) },
    });
    const { signed, absolute, cpr, cmd } = result.curve as Curves;
    expect([signed.absolute, absolute.absolute]).toEqual([false, true]);
    expect([cpr, cmd]).toEqual([signed.area_under, absolute.area_from_1]);
    // what MIB keeps of each, under its names
    for (const [file, of] of [
      ['abs-False.json', signed],
      ['abs-True.json', absolute],
    ] as const) {
      const { points: _points, absolute: _which, random_edges: _e, random_parameters: _p, ...kept } = of;
      expect(JSON.parse(readFileSync(join(place.at('mib'), file), 'utf8'))).toEqual(kept);
    }
    for (const { faithfulnesses } of [signed, absolute]) expect(faithfulnesses.at(-1)).toBeCloseTo(1, 4);
    // all edges, many at once, have the effects of each alone
    const effects = async (...flags: string[]) => {
      const { exact } = json({ ...(await tested('--exact', '--json', ...flags)), err: '' }) as { exact: Predicted };
      return new Map(exact.edges.map(({ edge, effect }) => [edge, effect]));
    };
    const [atOnce, alone] = [await effects(), await effects('--sample', '9999')];
    expect(atOnce.size).toBe(alone.size);
    for (const [edge, effect] of alone) expect(atOnce.get(edge)).toBeCloseTo(effect, 4);
    expect((await tested(...all)).out).toMatch(
      /CPR, more is better[^]*completeness[^]*minimality[^]*scores against exact effects/,
    );
    for (const [flags, message] of [
      [['--sample', '3'], '--sample: takes effect only with --minimality or --exact, got nothing. Leave it out.'],
      [['--results', 'x'], '--results: takes effect only with --curve, got nothing. Leave it out.'],
      [['--select', 'greedy'], '--select: takes effect only with --curve, got nothing. Leave it out.'],
      [['--minimality', '0'], '--minimality: must be above 0, got 0. As in 0.01.'],
    ] as const)
      expect(await tested(...flags)).toMatchObject({ code: 2, err: `error: ${message}\n` });
  });

  it('keeps edges by the rule that is asked for', async () => {
    const found = async (name: string, ...flags: string[]) =>
      json(await type('discover', ...on(llama), '--out', llama.at(name), '--json', '--select', name, ...flags));
    for (const rule of ['top-n', 'greedy', 'node-weighted'])
      expect(await found(rule, '--top-n', '30')).toMatchObject({ edges: 30 });
    // what one corrupted token leaves alone has a score of nought
    const moved = await found('threshold', '--threshold', '1e-30', '--pruned');
    expect(moved.edges).toBeGreaterThan(50);
    expect(moved.edges).toBeLessThan(moved.of_edges as number);
    const stable = await found('stable', '--top-n', '30', '--resamples', '200', '--confidence', '0.6');
    expect(stable.edges).toBeGreaterThan(0);
    expect(stable.edges).toBeLessThan(30);
    const { code, err } = await type('discover', ...on(place), '--out', place.at('none'), '--select', 'threshold');
    expect({ code, err }).toEqual({
      code: 2,
      err: "error: --threshold: must be given with select 'threshold', got nothing. Give the least |score| that is kept.\n",
    });
  });

  it('keeps a tenth of the edges unless told, and shows the strongest', async () => {
    const { out, err } = await type('discover', ...on(place), '--out', place.at('tenth'));
    expect(out).toMatch(/^\d+ of \d+ edges, \d+ nodes; logit_diff .* over 12 examples\n\nstrongest edges +score\n/);
    expect(err).toBe('loading the model ...\nfinding the circuit ...\n');
  });
});
