/** A worker in Chromium, driven by the public API: however a run is interrupted, it comes to the same bits. */
import { chromiumArgs, chromiumPath } from '@circuit-tuning/testkit';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import worker from './countingWorker.ts?page';
import { servePage, type ServedPage } from '../servePage.js';
import script from './enginePage.ts?page';
import type { Ended, Interrupted, Log, Lost } from './enginePage.js';

const text = `name: short
model: embedded
seed: 3
data: { task: tasks/agreement.jsonl, train: tasks/opposite.jsonl, keep: { gender: tasks/keep-gender.jsonl } }
discovery: { mlp_block: 64, ablation: mean, metric: logit_diff, top_n: 20, batch_size: 4, limit: 4 }
tuning:
  { methods: [circuit], steps: 8, every: 3, search_on: task, search_sample: 4, optimizer: adamw, learning_rate: 0.001,
    max_norm: 1, batch_size: 2, evaluate_every: 4, save_every: 2 }
evaluation: { faithfulness: [20], controls: 1, batch_size: 4, limit: 4 }`;

describe.skipIf(!chromiumPath)('the lab in a worker (needs Chromium: install it, or set CHROMIUM to its path)', () => {
  let server: ServedPage;
  let browser: Browser;
  let page: Page;
  let whole: Log;
  const asked: string[] = [];
  const drive = <T>(call: string): Promise<T> => page.evaluate<T>(`driver.${call}(${JSON.stringify(text)})`);

  beforeAll(async () => {
    server = await servePage({ script, worker });
    browser = await chromium.launch({
      executablePath: chromiumPath!,
      args: [...chromiumArgs, '--use-webgpu-adapter=swiftshader'],
    });
    page = await browser.newPage();
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(server.url);
    whole = await drive<Log>('whole');
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  it('tells a run from its first circuit to its end', () => {
    const kinds = whole.map((event) => (event as { kind: string }).kind);
    expect(kinds[0]).toBe('circuit');
    expect(kinds.filter((kind) => kind === 'step')).toHaveLength(8);
    expect(kinds.filter((kind) => kind === 'search')).toHaveLength(3);
    expect(kinds.at(-1)).toBe('done');
    expect(whole[0]).toMatchObject({ inside: expect.objectContaining({ length: 20 }) });
  });

  it('comes to the same bits when it is paused, asked, stepped, stopped and gone on with', async () => {
    const { log, phases, toldMeanwhile, stepped, answers, tuned, recalled, attention, facts } =
      await drive<Interrupted>('interrupted');
    expect(log).toEqual(whole);
    expect([toldMeanwhile, stepped]).toEqual([0, 1]);
    expect(phases).toEqual(expect.arrayContaining(['loading', 'running', 'paused', 'stopped', 'done']));
    expect(answers.map(({ step }) => step)).toEqual([facts.step, facts.step, expect.any(Number)]);
    for (const { tokens, base, tuned, off } of answers) {
      expect(tokens.join('')).toContain('keys');
      for (const shares of [base, tuned, off]) expect(shares).toHaveLength(3);
      expect(tuned).not.toEqual(base);
      expect(off).not.toEqual(tuned);
    }
    expect(tuned.step).toBe(8);
    expect(recalled).toEqual(tuned);
    expect(Object.keys(attention)).toEqual(['tokens', 'base', 'tuned']);
    expect(facts).toMatchObject({ node: 'a1.h2' });
    expect(facts.slices.length).toBeGreaterThan(0);
  });

  it('says that the device was lost, and comes to the same bits when it is gone on with', async () => {
    const { status, log } = await drive<Lost>('lost');
    expect(status).toMatchObject({ phase: 'failed', isLost: true, trouble: { kind: 'BrowserGpuError' } });
    expect(status.trouble?.message).toContain('WebGPU: the device must stay, got');
    expect(log).toEqual(whole);
  });

  it('asks for no other origin, and not for a hub model that an experiment names', async () => {
    const hub = JSON.stringify(text.replace('embedded', 'org/name'));
    const error = await page.evaluate(`driver.refused(${hub})`);
    expect(error).toMatchObject({
      kind: 'ConfigError',
      where: 'model: org/name',
      cure: 'Download it from the hub first, or add its folder',
    });
    expect(asked.filter((url) => new URL(url).hostname !== '127.0.0.1')).toEqual([]);
  });

  it('leaves no buffer on the device when it is disposed, and answers no more', async () => {
    const { facts, held, refused, streamed } = await drive<Ended>('end');
    expect(facts).toMatchObject({ isSoftware: true, notice: expect.stringContaining('slowly') });
    expect(held).toBe(0);
    expect(refused).toContain('is closed');
    expect(streamed).toBeGreaterThan(whole.length);
  });
});
