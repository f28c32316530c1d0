/** `--memory`: what is refused before it begins, and that each way out which the refusal names is one. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { experimentMemory } from '@circuit-tuning/core';
import { memoryFactsHere, requireExperimentBudget } from '../src/memoryBudget.js';
import { prepare } from '../src/prepare.js';
import { checkExperiment } from '../src/readExperiment.js';
import { workplace, type Workplace } from './tiny.js';
import { on, type } from './typed.js';

let place: Workplace;
beforeAll(async () => {
  place = await workplace();
});
afterAll(() => place.remove());
afterEach(() => vi.restoreAllMocks());

const refusal = async (...args: string[]): Promise<string> => {
  const { code, err, out } = await type(...args);
  expect(code, `${args.join(' ')}: ${err}`).not.toBe(0);
  expect(out).toBe('');
  return err;
};

const KIB = 2 ** 10;

describe('--memory', () => {
  it('refuses every command that opens a device, before it begins', async () => {
    const discover = ['discover', ...on(place), '--top-n', '8', '--out', place.at('never-found')];
    expect(await refusal(...discover, '--memory', '1KiB')).toMatch(
      /^error: discover: must take at most the 1 KiB that --memory allows on the device, got \d+ KiB, of which 20 KiB are the model's parameters\. The parameters alone are too much: take a smaller model, or a --memory of \d+ KiB\.\n$/,
    );
    expect(await refusal(...discover, '--memory', '21KiB')).toContain(
      'Even one example at a time is too much: take a smaller model, or a --memory of',
    );
    expect(await refusal(...discover, '--memory', 'much')).toBe(
      'error: --memory: must be a number of bytes, got "much". As in 2GiB.\n',
    );
    const generate = ['generate', '--model', place.model, '--tokens', '1,2'];
    const stability = ['stability', ...on(place), '--top-n', '8', '--out', place.at('never-stable')];
    const tune = ['tune', ...on(place), '--steps', '2', '--top-n', '8', '--out', place.at('never-tuned')];
    for (const command of [generate, stability, tune, ['evaluate', ...on(place)]])
      expect(await refusal(...command, '--memory', '1KiB')).toContain(
        `error: ${command[0]}: must take at most the 1 KiB`,
      );
  });

  it('names ways out that are ways out', async () => {
    const discover = ['discover', ...on(place), '--top-n', '8', '--batch-size', '12'];
    const all = await refusal(...discover, '--out', place.at('a'), '--memory', '21KiB');
    const most = Number(/got (\d+) KiB/.exec(all)![1]);
    const budget = ['--memory', `${Math.round(0.7 * most)}KiB`];
    const said = await refusal(...discover, '--out', place.at('b'), ...budget);
    expect(said).toMatch(
      /Lower --batch-size to \d+, which takes \d+ KiB, or score the answers alone \(--positions answer\), which takes \d+ KiB, or (leave out examples of more than 3 tokens, which takes \d+ KiB, or )?take a --memory of \d+ KiB\.\n$/,
    );
    const fewer = /Lower --batch-size to (\d+)/.exec(said)![1]!;
    const ways = [
      ['--batch-size', fewer, ...budget],
      ['--positions', 'answer', ...budget],
      ['--memory', `${most}KiB`],
    ];
    for (const [i, way] of ways.entries())
      expect(await type(...discover, '--out', place.at(`way-${i}`), ...way), way.join(' ')).toMatchObject({ code: 0 });
  });

  it('draws fewer resamples where those are what stability takes', async () => {
    const stability = ['stability', ...on(place), '--top-n', '8', '--memory', '400KiB'];
    expect(await refusal(...stability, '--out', place.at('s'))).toContain(
      'Draw 500 resamples (--resamples), which takes',
    );
    expect(await type(...stability, '--out', place.at('s'), '--resamples', '500')).toMatchObject({ code: 0 });
  });

  it('takes one size of a batch for all that tune does, which a smaller one lowers', async () => {
    const tune = ['tune', ...on(place), '--steps', '2', '--top-n', '8', '--batch-size', '12'];
    const most = Number(/got (\d+) KiB/.exec(await refusal(...tune, '--out', place.at('t'), '--memory', '21KiB'))![1]);
    const budget = ['--memory', `${Math.round(0.7 * most)}KiB`];
    const fewer = /Lower --batch-size to (\d+), which/.exec(
      await refusal(...tune, '--out', place.at('t'), ...budget),
    )![1]!;
    const lower = [...tune.slice(0, -1), fewer, '--out', place.at('lower'), ...budget];
    expect(await type(...lower)).toMatchObject({ code: 0 });
  });

  it('leaves out the forward pass that a search shares with its step, where there is no room for it', async () => {
    const prepared = await prepare(
      checkExperiment(
        {
          model: place.model,
          data: { task: place.task },
          discovery: { top_n: 30, batch_size: 4 },
          tuning: { steps: 2, every: 1, learning_rate: 0.05, batch_size: 12, methods: ['circuit'], search_on: 'batch' },
          evaluation: { batch_size: 4, faithfulness: [] },
        },
        (path) => path.join('.'),
      ),
    );
    const facts = await memoryFactsHere();
    const shared = (await experimentMemory(prepared, facts)).total;
    const own = (await experimentMemory({ ...prepared, forwardBytes: 0 }, facts)).total;
    expect(own).toBeLessThan(shared);
    const within = (bytes: number) =>
      requireExperimentBudget({ memory: String(bytes) }, prepared, {
        where: 'run',
        nameOf: (...path) => path.join('.'),
      });
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect((await within(shared)).forwardBytes).toBeUndefined();
    expect((await within(own)).forwardBytes).toBe(0);
    await expect(within(own - 1)).rejects.toThrow(
      /^run: must take at most .* Lower tuning\.batch_size and discovery\.batch_size and evaluation\.batch_size to \d+, which takes/,
    );
    const few = within(own - 8 * KIB);
    await expect(few).rejects.toThrow(/^run: .* (Lower tuning\.batch_size|Keep 3 edges|Leave out)/);
  });
});
