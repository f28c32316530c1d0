/**
 * The lab in Chromium, for tests of the page: the server of the CLI and one browser for each file of tests, pages that
 * notice what went wrong in them, and what a reader does, by the names that controls have.
 *
 *     describe.skipIf(!chromiumPath)(`the page ${needsChromium}`, again, () => {
 *       const openLabPage = useLab();
 *       it('…', async () => {
 *         const lab = await openLabPage({ experiment: shortExperiment });
 *         await lab.run();
 *         await lab.says(/^Done/);
 */
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { again, chromiumArgs, chromiumPath, serveLab, type ServedLab } from '@circuit-tuning/testkit';
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';
import { linkOf } from '../../src/page/files/share.js';

export { again, chromiumPath };
/** Behind what a file of tests is about, for whoever sees it skipped. */
export const needsChromium = '(needs Chromium: install it, or set CHROMIUM to its path)';

/** Longest wait for one thing to appear: other tests run beside these, on a GPU made of two cores. */
export const PATIENCE = 60_000;

/** Six steps of one method with three searches among them: seconds on two cores. */
export const shortExperiment = `name: short
model: embedded
seed: 3
data:
  task: tasks/agreement.jsonl
  train: tasks/opposite.jsonl
  keep: { gender: tasks/keep-gender.jsonl }
discovery: { mlp_block: 64, ablation: mean, metric: logit_diff, top_n: 20, batch_size: 8, limit: 8 }
tuning:
  methods: [circuit]
  steps: 6
  every: 2
  search_on: task
  search_sample: 8
  optimizer: adamw
  learning_rate: 0.003
  max_norm: 1
  batch_size: 4
  evaluate_every: 3
  save_every: 2
evaluation: { faithfulness: [20], controls: 1, batch_size: 8, limit: 8 }
`;

export interface LabPageOptions {
  /** Opened as a share link: it stands in the editor, and `run` starts it. */
  readonly experiment?: string;
  /** What stands behind the address of the page: `#…`, `?…`. */
  readonly hash?: string;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
  readonly reducedMotion?: 'reduce' | 'no-preference';
  /** Other hosts that the reader chose, such as a hub: a request to any other fails the test. */
  readonly hosts?: readonly string[];
  /** Errors that the test is about: what matches is not counted. */
  readonly expects?: RegExp;
  /** The run or zip that the server opens; needs `useLab(run)`. Opens the page without it unless told. */
  readonly isRunShown?: boolean;
  /** Before the page is loaded: routes, scripts of the test. */
  readonly prepare?: (context: BrowserContext) => Promise<void>;
}

/** A page of the lab with what a reader does there. */
export class LabPage {
  /** Every address that the page and its workers asked for. */
  readonly asked: string[] = [];
  /** Uncaught errors and console errors since the last look. */
  readonly errors: string[] = [];

  constructor(
    readonly page: Page,
    readonly context: BrowserContext,
    readonly origin: string,
  ) {}

  button = (name: string | RegExp, within: Locator | Page = this.page): Locator =>
    within.getByRole('button', { name, exact: true });
  /** A part of the page by its heading: `Circuit`, `Time`, `Details`, `Try it`, `Curves`, `Methods compared`. */
  panel = (name: string): Locator => this.page.getByRole('region', { name, exact: true });
  slider = (name: string): Locator => this.page.getByRole('slider', { name, exact: true });
  /** The sentence in the bar of the run: `Done: 6 steps by one method.` */
  get now(): Locator {
    return this.panel('The run').getByRole('paragraph').first();
  }

  /** Waits for words that can be seen. */
  async says(words: string | RegExp, within: Locator | Page = this.page): Promise<void> {
    await within.getByText(words).filter({ visible: true }).first().waitFor({ timeout: PATIENCE });
  }
  /** Waits until the bar of the run says it. */
  async runSays(words: string | RegExp): Promise<void> {
    await this.now.filter({ hasText: words }).waitFor({ timeout: PATIENCE });
  }
  async click(name: string | RegExp, within?: Locator): Promise<void> {
    await this.button(name, within).click({ timeout: PATIENCE });
  }
  /** The experiment of the link: checked, then started. */
  async run(): Promise<void> {
    await this.says('This can run');
    await this.click(/^Run this( instead)?$/);
  }
  async runToEnd(): Promise<void> {
    await this.run();
    await this.runSays(/^Done/);
  }
  /** Until the run has gone one step and stands still again, however little of it could be seen going. */
  async step(press: () => Promise<void> = () => this.click('Step')): Promise<void> {
    const bar = this.page.getByRole('group', { name: 'Control the run' });
    const watch = await bar.evaluateHandle((group, patience) => {
      const stands = new Promise<void>((resolve, reject) => {
        let hasGone = false;
        const seen = new MutationObserver(() => {
          const is = (name: string): boolean =>
            [...group.querySelectorAll('button')].some((it) => it.innerText === name && it.ariaDisabled !== 'true');
          hasGone ||= is('Pause');
          if (!hasGone || !is('Resume')) return;
          seen.disconnect();
          resolve();
        });
        seen.observe(group, { subtree: true, childList: true, characterData: true, attributes: true });
        setTimeout(() => reject(new Error('the step did not end')), patience);
      });
      return { stands };
    }, PATIENCE);
    await press();
    await watch.evaluate(({ stands }) => stands);
  }
  /** Steps, from a pause on, until the bar of the run says it. */
  async stepUntil(words: RegExp): Promise<void> {
    while (!words.test(await this.now.innerText())) await this.step();
  }
  /** Requests that left the server of the page; addresses made in the tab are none. */
  strangers(allowed: readonly string[] = []): string[] {
    return this.asked.filter((url) => {
      const { origin, hostname, protocol } = new URL(url);
      if (protocol === 'blob:' || protocol === 'data:') return false;
      return origin !== this.origin && !allowed.includes(hostname);
    });
  }
  /** How far the page can be scrolled sideways, in pixels. */
  sideways = (): Promise<number> =>
    this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

interface Open {
  readonly lab: LabPage;
  readonly options: LabPageOptions;
  /** Opened in a test, and closed at its end; else in beforeAll, and closed with the file. */
  readonly isOfTest: boolean;
}

/**
 * To be called in `describe`: starts server and browser before its tests and ends them after. What it gives opens a page; at
 * the end of each test a page with uncaught errors, or that asked another origin, fails it. Where a test failed, a picture of
 * each of its pages is kept beside the temporary files of the system.
 */
export function useLab(run?: string): (options?: LabPageOptions) => Promise<LabPage> {
  let served: ServedLab;
  let browser: Browser;
  let opened: Open[] = [];
  let isInTest = false;
  vi.setConfig({ testTimeout: 4 * PATIENCE, hookTimeout: 4 * PATIENCE });

  beforeAll(async () => {
    [served, browser] = await Promise.all([serveLab(run), startChromium()]);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.stop();
  });
  beforeEach(() => {
    isInTest = true;
  });
  afterEach(async ({ task }) => {
    isInTest = false;
    const now = opened;
    opened = now.filter(({ isOfTest }) => !isOfTest);
    const hasFailed = task.result?.state === 'fail';
    if (hasFailed) for (const [i, { lab }] of now.entries()) await keepPicture(lab, `${task.name} ${i}`);
    for (const { lab, isOfTest } of now) if (isOfTest) await lab.context.close();
    if (hasFailed) return;
    for (const { lab, options } of now) {
      expect(lab.errors.splice(0), 'errors in the page').toEqual([]);
      expect(lab.strangers(options.hosts), 'requests to other origins').toEqual([]);
    }
  });

  return async (options = {}) => {
    const { viewport = { width: 1280, height: 900 }, colorScheme = 'light', reducedMotion = 'no-preference' } = options;
    const context = await browser.newContext({ viewport, colorScheme, reducedMotion, acceptDownloads: true });
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    const { origin } = new URL(served.url);
    const lab = new LabPage(page, context, origin);
    const hear = (text: string): void => {
      if (!options.expects?.test(text)) lab.errors.push(text);
    };
    context.on('request', (request) => lab.asked.push(request.url()));
    context.on('weberror', (error) => hear(String(error.error())));
    context.on('console', (message) => {
      if (message.type() === 'error') hear(`${message.text()} (${message.location().url})`);
    });
    opened.push({ lab, options, isOfTest: isInTest });
    await options.prepare?.(context);
    const address = options.isRunShown === true ? served.url : `${origin}/`;
    await page.goto(
      options.experiment === undefined ? `${address}${options.hash ?? ''}` : await linkOf(options.experiment, address),
    );
    return lab;
  };
}

/** Names of other machines lead nowhere, so that no test needs a network, whatever it asks for. */
const startChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath!,
    args: [
      ...chromiumArgs,
      '--use-webgpu-adapter=swiftshader',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  });

async function keepPicture({ page }: LabPage, name: string): Promise<void> {
  const folder = join(tmpdir(), 'circuit-tuning-lab-tests');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name.replaceAll(/\W+/g, '-')}.png`);
  // a page that is gone leaves no picture, and the test has failed already
  const isKept = await page.screenshot({ path, fullPage: true }).then(
    () => true,
    () => false,
  );
  if (isKept) process.stderr.write(`what the page looked like: ${path}\n`);
}
