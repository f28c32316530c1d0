/** Each command as it is typed: what is printed where, what is written, how it ends. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openModel, type Curves } from '@circuit-tuning/core';
import { nodeFolder } from '../src/files.js';
import { embedded } from '../src/home.js';
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
      'error: --every: takes effect only with a method that searches again, such as circuit, got 2. Leave it out.\n',
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
      memory: { evaluate: { parameters: 4 * 5_120 }, generate: { parameters: 4 * 5_120 } },
    });
    const { out } = await type('inspect', llama.model, '--optimizer', 'adamw');
    expect(out).toMatch(/key\/value heads \(K\) +2\n/);
    expect(out).toMatch(/tune --method full( +[\d.]+ [KM]?i?B){4}\n/);
  });
});
