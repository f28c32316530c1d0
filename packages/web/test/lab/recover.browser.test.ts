/** What happens to a run when the tab, the browser, the device or the network goes away: it is kept, and comes out the same. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumArgs, serveLab, type ServedLab } from '@circuit-tuning/testkit';
import { chromium, type BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openRun, unzipRun, type Moment } from '../../src/record/index.js';
import { linkOf } from '../../src/page/files/share.js';
import { again, chromiumPath, LabPage, needsChromium, PATIENCE, shortExperiment } from './labPage.js';

const folder = mkdtempSync(join(tmpdir(), 'recover-'));
/** A checkpoint at every second step: what was done after the last has to be done again. */
const experiment = shortExperiment.replace('steps: 6', 'steps: 12');
const BETWEEN = /step (\d?[13579]) of 12/;

describe.skipIf(!chromiumPath)(`a run that is cut short ${needsChromium}`, again, () => {
  let served: ServedLab;
  let context: BrowserContext;
  let whole: Outcome | undefined;
  vi.setConfig({ testTimeout: 4 * PATIENCE, hookTimeout: 4 * PATIENCE });

  /** With a profile on disk: closed and opened again it has what it kept. */
  const openBrowser = async (profile: string): Promise<void> => {
    context = await chromium.launchPersistentContext(join(folder, profile), {
      executablePath: chromiumPath!,
      args: [...chromiumArgs, '--use-webgpu-adapter=swiftshader'],
      viewport: { width: 1280, height: 900 },
      acceptDownloads: true,
    });
    context.setDefaultTimeout(PATIENCE);
  };
  const open = async (experiment?: string): Promise<LabPage> => {
    const { origin } = new URL(served.url);
    const lab = new LabPage(await context.newPage(), context, origin);
    await lab.page.goto(experiment === undefined ? `${origin}/` : await linkOf(experiment, `${origin}/`));
    return lab;
  };
  /** Lets a run stand still between two checkpoints; gives the step. */
  const pause = async (lab: LabPage): Promise<string> => {
    await lab.click('Pause');
    await lab.stepUntil(BETWEEN);
    return BETWEEN.exec(await lab.now.innerText())![1]!;
  };
  const openHalfRun = async (): Promise<{ lab: LabPage; step: string }> => {
    const lab = await open(experiment);
    await lab.run();
    return { lab, step: await pause(lab) };
  };

  /** What a run comes to that nothing cut short. */
  const uncut = async (): Promise<Outcome> => {
    if (whole) return whole;
    const lab = await open(experiment);
    await lab.runToEnd();
    whole = await outcomeOf(lab);
    expect(whole.steps).toBe(12);
    await lab.page.close();
    return whole;
  };

  beforeAll(async () => {
    served = await serveLab();
  });
  afterAll(async () => {
    await served?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  let profiles = 0;
  let profile: string;
  beforeEach(() => openBrowser((profile = `profile-${++profiles}`)));
  afterEach(() => context.close());

  it('goes on from its last checkpoint after a reload, and after the browser was closed, to the same numbers', async () => {
    const { lab, step } = await openHalfRun();
    await lab.page.reload();
    await lab.says(new RegExp(`^Begun .*, step ${step} of 12\\. It is kept in this browser\\.$`));
    await lab.click('Go on with short');
    const next = await pause(lab);
    expect(Number(next)).toBeGreaterThanOrEqual(Number(step));
    await context.close();

    await openBrowser(profile);
    const again = await open();
    await again.says(new RegExp(`^Begun .*, step ${next} of 12`));
    await again.click('Go on with short');
    await again.runSays(/^Done/);
    expect(await outcomeOf(again)).toEqual(await uncut());
  });

  it('says that the device was lost, and goes on to the same numbers', async () => {
    const { lab } = await openHalfRun();
    const session = await context.newCDPSession(lab.page);
    await session.send('Browser.crashGpuProcess');
    await lab.runSays('The graphics device was lost.');
    await lab.says(/^WebGPU: the device must stay, got one that was taken away/);
    await lab.says('Go on with it: a run that was kept continues from its last checkpoint.');
    await lab.click('Go on');
    await lab.runSays(/^Done/);
    expect(await outcomeOf(lab)).toEqual(await uncut());
  });

  it('is not taken from the tab that has it, and is offered once that is closed', async () => {
    const { lab: first, step } = await openHalfRun();
    const second = await open();
    await second.says('short is running in another tab.');
    expect(await second.button('Go on with short').count()).toBe(0);
    await second.click('Open…');
    const list = second.page.getByRole('dialog', { name: 'Open a run' });
    await second.says(new RegExp(`running in another tab at step ${step} of 12`), list);
    for (const name of ['Go on', 'Remove'])
      expect([name, await second.button(name, list).isEnabled()]).toEqual([name, false]);
    await second.page.keyboard.press('Escape');
    await first.page.close();
    await second.button('Go on with short').waitFor();
  });

  it('frees its room when it is removed', async () => {
    const { lab } = await openHalfRun();
    await lab.click('Stop');
    await lab.runSays(/^Stopped/);
    await lab.page.clock.install();
    await lab.page.reload();
    await lab.button('Go on with short').waitFor();
    const usage = () => lab.page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
    const before = await usage();
    await lab.click('Open…');
    const list = lab.page.getByRole('dialog', { name: 'Open a run' });
    await lab.click('Remove', list);
    await lab.says(/^short is removed: .* are free\.$/);
    await lab.says('This browser keeps no runs yet.', list);
    // when the way back has been passed by
    await lab.page.clock.fastForward(10_000);
    await expect.poll(usage, { timeout: PATIENCE }).toBeLessThan(before - 500_000);
    await lab.page.reload();
    await lab.panel('Start here').waitFor();
    await lab.says(/Each of 1\s225 edges/);
    expect(await lab.button('Go on with short').count()).toBe(0);
  });

  it('and without a network the page opens again, and runs', async () => {
    const lab = await open();
    await lab.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await expect
      .poll(() => lab.page.evaluate(() => navigator.serviceWorker.controller?.state), { timeout: PATIENCE })
      .toBe('activated');
    await served.stop();
    try {
      await lab.page.reload();
      await lab.click('Start', lab.panel('Start here'));
      await lab.says(/^Before tuning: 20 of /, lab.panel('Circuit'));
      await lab.runSays(/^Tuning only the circuit, step/);
      await lab.click('Stop');
      await lab.runSays(/^Stopped/);
    } finally {
      served = await serveLab();
    }
  });
});

interface Outcome {
  readonly steps: number;
  readonly target: unknown;
  readonly events: readonly unknown[];
  readonly circuits: readonly Pick<Moment, 'key' | 'score' | 'inside'>[];
}

/** What the run of a page has come to, to the bit, as it is saved; all but its clock. */
async function outcomeOf(lab: LabPage): Promise<Outcome> {
  const [file] = await Promise.all([lab.page.waitForEvent('download'), lab.click('Save run')]);
  const zip = new Uint8Array(readFileSync(await file.path()));
  const { record, notes } = await openRun(await unzipRun(zip, 'run.zip'));
  expect(notes).toEqual([]);
  const story = record.story().methods[0]!;
  return {
    steps: story.steps.length,
    target: story.measured.at(-1),
    events: record.events.map((event) => ({ ...event, ...('seconds' in event && { seconds: undefined }) })),
    circuits: record.moments.map(({ key, score, inside }) => ({ key, score, inside })),
  };
}
