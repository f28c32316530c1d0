/** Each command as it is typed: what is printed where, what is written, how it ends. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  openModel,
  openSafetensors,
  readFloats,
  type Curves,
  type GraphJson,
  type Predicted,
} from '@circuit-tuning/core';
import { nodeFolder, openFile } from '../src/files.js';
import { embedded } from '../src/home.js';
import { main } from '../src/program.js';
import { workplace, type Workplace } from './tiny.js';

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

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function type(...argv: string[]): Promise<Ended> {
  const written = { out: '', err: '' };
  const into = (key: 'out' | 'err') => (chunk: string | Uint8Array) => {
    written[key] += String(chunk);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(into('out'));
  vi.spyOn(process.stderr, 'write').mockImplementation(into('err'));
  const code = await main(argv);
  vi.restoreAllMocks();
  return { code, ...written };
}
const json = ({ code, out, err }: Ended): Record<string, unknown> => {
  expect(err).not.toContain('error');
  expect(code).toBe(0);
  return JSON.parse(out) as Record<string, unknown>;
};
const on = ({ model, task }: Workplace): string[] => ['--model', model, '--task', task];

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
    const { err, ...found } = await tested(...all, '--json');
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

describe('tune', () => {
  it('leaves the tuned model in out/model, and the numbers on stdout', async () => {
    const out = place.at('tuned');
    const flags = [
      '--steps',
      '2',
      '--every',
      '1',
      '--top-n',
      '8',
      '--lr',
      '0.1',
      '--batch-size',
      '4',
      '--optimizer',
      'adamw',
    ];
    const keep = ['--keep', `text=${place.text}`];
    const summary = json(await type('tune', ...on(place), '--out', out, ...flags, ...keep, '--json'));
    expect(summary).toMatchObject({
      metric: 'logit_diff',
      methods: [{ method: 'circuit', steps: 2, keep: { text: { nll: expect.any(Number) } } }],
    });
    const tuned = await openModel(nodeFolder(join(out, 'model')));
    expect(tuned.config).toEqual((await openModel(nodeFolder(place.model))).config);
    expect(readdirSync(out)).toEqual(expect.arrayContaining(['manifest.json', 'events.jsonl', 'delta', 'report.html']));
    const again = await type('tune', ...on(place), '--out', out, ...flags, ...keep);
    expect(again).toMatchObject({ code: 2, out: '' });
    expect(again.err).toMatch(
      /^error: .*tuned: must be a new or an empty folder, got one that holds .*\. Give another folder, remove this one, or go on with --resume\.\n$/,
    );
    const resumed = await type('tune', ...on(place), '--out', out, ...flags, ...keep, '--resume');
    expect(resumed.code).toBe(0);
    expect(resumed.out).toMatch(/method +logit_diff +accuracy +perplexity of text +parameters moved +steps +time\n/);
  });

  it('names the flag that is wrong, before any work', async () => {
    const started = ['tune', ...on(place), '--out', place.at('never'), '--steps'];
    const refusal = async (...flags: string[]) => {
      const { code, err, out } = await type(...started, ...flags);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      return err;
    };
    expect(await refusal('0')).toBe('error: --steps: must be at least 1, got 0. Correct the value.\n');
    expect(await refusal('two')).toBe('error: --steps: must be a number, got "two". Correct the value.\n');
    expect(await refusal('2', '--top-n', '9999')).toMatch(
      /^error: --top-n: must be at most the \d+ edges of this graph, got 9999\./,
    );
    expect(await refusal('2', '--method', 'full', '--every', '2')).toBe(
      'error: --every: takes effect only with the methods circuit and random, got 2. Leave it out.\n',
    );
    expect(await refusal('2', '--p', '0.5')).toContain(
      "error: --p: takes effect only with objective 'weighted', got 0.5.",
    );
    expect(await refusal('2', '--mlp-block', '5')).toContain('must divide the 32 neurons of an MLP, got 5.');
    expect(await refusal('2', '--momentm', '0.5')).toContain(
      "error: unknown option '--momentm'\n(Did you mean --momentum?)",
    );
    expect(await refusal('2', '--keep', 'nothing')).toBe(
      'error: --keep: must be name=file, got "nothing". As in --keep stories=stories.jsonl.\n',
    );
    expect(readdirSync(place.folder)).not.toContain('never');
  });
});

describe('run', () => {
  it('runs a file, with settings over it, into the folder that is asked for', async () => {
    const file = place.at('small.yaml');
    writeFileSync(file, `name: small\nmodel: ./base\ndata: { task: task.jsonl }\ndiscovery: { top_n: 6 }\n`);
    const out = place.at('small');
    const settings = [
      '--set',
      'tuning.steps=1',
      '--set',
      'tuning.methods=[full, fixed]',
      '--set',
      'evaluation.controls=1',
    ];
    const { code, out: printed } = await type('run', file, '--out', out, ...settings);
    expect(code).toBe(0);
    expect(printed).toMatch(
      /\nbase model .*\nfull .*\nfixed .*\n\nEverything is in .*small; look at .*report\.html in a browser\.\n$/s,
    );
    expect(readdirSync(join(out, 'model')).toSorted()).toEqual(['fixed', 'full']);
    // The written experiment is one that runs.
    const again = json(await type('run', join(out, 'experiment.yaml'), '--out', place.at('again'), '--json'));
    expect(again).toMatchObject({ methods: [{ method: 'full' }, { method: 'fixed' }] });
  });

  it('finds circuits by the rule of the file, and draws their curve where it asks for one', async () => {
    const file = place.at('curve.yaml');
    const discovery = 'discovery: { select: greedy, pruned: true, top_n: 8 }';
    const evaluation = 'evaluation: { curve: true, controls: 1 }';
    const tuning = 'tuning: { steps: 1, methods: [circuit] }';
    writeFileSync(file, `model: ./base\ndata: { task: task.jsonl }\n${[discovery, evaluation, tuning].join('\n')}\n`);
    const out = place.at('curve');
    const { code, out: printed } = await type('run', file, '--out', out);
    expect(code).toBe(0);
    expect(printed).toMatch(/\nCPR, more is better .*\nCMD, less is better /);
    const events = readFileSync(join(out, 'events.jsonl'), 'utf8').trimEnd().split('\n');
    const { curve } = events
      .map((line) => JSON.parse(line) as { kind: string; curve?: Curves })
      .find(({ kind }) => kind === 'faithfulness')!;
    expect(curve!.signed.points).toHaveLength(10);
    const alone = place.at('threshold.yaml');
    writeFileSync(
      alone,
      `model: ./base\ndata: { task: task.jsonl }\ndiscovery: { select: threshold, threshold: 0.001 }\n${tuning}\n`,
    );
    const { faithfulness } = json(await type('run', alone, '--out', place.at('threshold'), '--json')) as {
      faithfulness: { edges: number }[];
    };
    expect(faithfulness).toHaveLength(1);
  });
});

describe('the experiment of demo', () => {
  it('runs on the embedded model, shortened', { timeout: 120_000 }, async () => {
    const settings = [
      'tuning.steps=1',
      'tuning.methods=[fixed]',
      'evaluation.faithfulness=[]',
      'evaluation.limit=8',
      'discovery.limit=8',
    ];
    // Keys that a shortened experiment leaves without effect.
    const file = place.at('demo.yaml');
    const text = readFileSync(join(embedded, 'demo.yaml'), 'utf8').replace(/^ +(every|controls):.*\n/gm, '');
    writeFileSync(file, text.replaceAll('tasks/', `${join(embedded, 'tasks')}/`));
    const flags = settings.flatMap((setting) => ['--set', setting]);
    const summary = json(await type('run', file, ...flags, '--out', place.at('demo'), '--json'));
    expect(summary).toMatchObject({
      metric: 'logit_diff',
      base: { target: { accuracy: 1 } },
      methods: [{ method: 'fixed', steps: 1 }],
    });
  });
});

describe('generate', () => {
  it('goes on greedily, or draws the same for the same seed', async () => {
    const start = ['generate', '--model', place.model, '--tokens', '1,2,3', '--max-tokens', '4', '--json'];
    const greedy = json(await type(...start));
    expect(greedy.tokens).toHaveLength(4);
    expect(json(await type(...start))).toEqual(greedy);
    const drawn = async (...flags: string[]) => json(await type(...start, '--temperature', '3', ...flags)).tokens;
    expect(await drawn('--seed', '1')).toEqual(await drawn('--seed', '1'));
    expect(await drawn('--seed', '1')).not.toEqual(await drawn('--seed', '2'));
    expect(await drawn('--top-k', '1')).toEqual(greedy.tokens);
  });

  it('stops at the end of the context, and says what it needs', async () => {
    const { tokens } = json(
      await type('generate', '--model', place.model, '--tokens', '1 2 3', '--max-tokens', '99', '--json'),
    );
    expect(tokens).toHaveLength(13);
    const refusal = async (...flags: string[]) => (await type('generate', '--model', place.model, ...flags)).err;
    expect(await refusal('--prompt', 'Once')).toContain(
      'error: --prompt: needs a tokenizer beside the model, got none in ',
    );
    expect(await refusal()).toBe(
      'error: --prompt: must be given, or --tokens instead, got neither. As in --prompt "Once upon a time".\n',
    );
    expect(await refusal('--tokens', '1', '--top-k', '3')).toBe(
      'error: --top-k: takes effect only with --temperature above 0, got 3. Leave it out.\n',
    );
    expect(await refusal('--tokens', '24')).toBe(
      'error: prompt: token ids must lie below 24, got 24. Use the tokenizer of this model.\n',
    );
    expect(await refusal('--tokens', '1', '--max-tokens', 'x')).toBe(
      'error: --max-tokens: must be a whole number from 1, got "x". Give 1 or more.\n',
    );
  });
});

describe('inspect', () => {
  it('tells nodes and edges in both conventions, and the memory of every use', async () => {
    const found = json(await type('inspect', place.model, '--json'));
    expect(found).toMatchObject({
      parameters: 5_120,
      graphs: [
        { graph: 'eap-ig', sources: 7, reads: 15, nodes: 8 },
        { graph: 'circuit-tuning', sources: 6, reads: 14, nodes: 6 },
      ],
      memory: { evaluate: { parameters: 4 * 5_120, states: 0 } },
    });
    const { out } = await type('inspect', llama.model, '--optimizer', 'adamw');
    expect(out).toMatch(/key\/value heads \(K\) +2\n/);
    expect(out).toMatch(/tune everything( +[\d.]+ [KM]?i?B){4}\n/);
  });
});

describe('bad input', () => {
  const written = (name: string, text: string): string => {
    writeFileSync(place.at(name), text);
    return place.at(name);
  };
  it.each([
    ['an empty task', '', 'a task must hold at least one example, got none.'],
    ['broken JSON', '{"tokens": [1,2', 'line 1: a line must be one whole JSON object'],
    [
      'a pair of two lengths',
      '{"tokens":[1,2,3],"corrupt_tokens":[1,2],"targets":[{"pos":3,"good":1,"bad":2}]}',
      'the same number of tokens',
    ],
    [
      'no corrupted side',
      '{"tokens":[1,2,3],"targets":[{"pos":3,"good":1,"bad":2}]}',
      'patching needs a corrupted side for every example',
    ],
    [
      'a token that the model does not have',
      '{"tokens":[1,99],"corrupt_tokens":[1,2],"targets":[{"pos":2,"good":1,"bad":2}]}',
      'vocabulary size 24, got id 99',
    ],
  ])('is told with file and cure, before any work: %s', async (name, text, message) => {
    const task = written(`${name}.jsonl`, text);
    const { code, err, out } = await type(
      'discover',
      '--model',
      place.model,
      '--task',
      task,
      '--out',
      place.at('none'),
    );
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^error: [^\n]*\n$/);
    expect(err).toContain(task);
    expect(err).toContain(message);
  });

  it('is a metric that the task cannot give', async () => {
    const { code, err } = await type(
      'evaluate',
      '--model',
      place.model,
      '--task',
      place.text,
      '--metric',
      'logit_diff',
    );
    expect(code).toBe(2);
    expect(err).toMatch(
      /^error: .*text\.jsonl line 1: a logit difference needs a good and a bad answer at every target, got no target/,
    );
  });

  it('is a circuit of another model, or none', async () => {
    const graph = written(
      'graph.json',
      JSON.stringify({ cfg: {}, nodes: {}, edges: { 'a9.h9->logits': { score: 1, in_graph: true } } }),
    );
    expect((await type('evaluate', ...on(place), '--circuit', graph)).err).toContain(
      'edge a9.h9->logits: must be one of the',
    );
    expect((await type('evaluate', ...on(place), '--circuit', written('no.json', '{'))).err).toContain(
      'no.json: must be JSON',
    );
    expect((await type('evaluate', ...on(place), '--controls', '2')).err).toBe(
      'error: --controls: takes effect only with --circuit, got nothing. Leave it out.\n',
    );
  });

  it('is a model with a number that is none', async () => {
    const broken = place.at('nan');
    mkdirSync(broken);
    const bytes = readFileSync(join(place.model, 'model.safetensors'));
    bytes.writeFloatLE(NaN, bytes.byteLength - 4);
    writeFileSync(join(broken, 'model.safetensors'), bytes);
    writeFileSync(join(broken, 'config.json'), readFileSync(join(place.model, 'config.json')));
    const { code, err } = await type('evaluate', '--model', broken, '--task', place.task);
    expect(code).toBe(2);
    expect(err).toContain('must hold finite numbers, got NaN at');
  });

  it('is an output that cannot be written, found before the model is read', async () => {
    const file = written('in-the-way', 'x');
    const { code, err } = await type(
      'discover',
      '--model',
      '/no/model',
      '--task',
      '/no/task',
      '--out',
      join(file, 'out'),
    );
    expect(code).toBe(2);
    expect(err).toContain('must be a free place, got a path where a file stands in the way.');
  });

  it('is an unknown command or flag, with the nearest one', async () => {
    const { code, err } = await type('evalute');
    expect(code).toBe(2);
    expect(err).toContain('Did you mean evaluate?');
    expect((await type('--version')).code).toBe(0);
  });
});
