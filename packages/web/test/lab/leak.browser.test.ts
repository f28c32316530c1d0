/** After ten runs, and after ten workers that came and went, a page holds what it held after the first. */
import { chromiumArgs, chromiumPath } from '@circuit-tuning/testkit';
import { chromium, type Browser, type CDPSession, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import worker from '../engine/countingWorker.ts?page';
import { again, needsChromium, PATIENCE } from './labPage.js';
import { servePage, type ServedPage } from '../servePage.js';
import script from './leakPage.ts?page';

const AGAIN = 10;
/**
 * Bytes. A worker that kept what belonged to a run (its examples, plans and programs) grew by 700 kB with each. What its
 * functions learn from being called grows too, less with each run: 130 kB a run over the first ten, 20 kB after that.
 */
const GROWS = { worker: 250_000, page: 40_000 };

const found = `name: found
model: embedded
data: { task: tasks/agreement.jsonl }
discovery: { mlp_block: 64, metric: logit_diff, top_n: 20, batch_size: 2, limit: 2 }
evaluation: { faithfulness: [20], controls: 0, batch_size: 2, limit: 2 }
`;
const tuned = `name: tuned
model: embedded
data: { task: tasks/agreement.jsonl, train: tasks/opposite.jsonl }
discovery: { mlp_block: 64, metric: logit_diff, top_n: 20, batch_size: 2, limit: 2 }
tuning: { methods: [circuit], steps: 1, learning_rate: 0.001, batch_size: 2, evaluate_every: 1, save_every: 1 }
evaluation: { faithfulness: [], batch_size: 2, limit: 2 }
`;

interface Heap {
  /** Bytes in use by scripts, and by the buffers that they hold. */
  readonly page: number;
  /** Of each worker that is there. */
  readonly workers: readonly number[];
}

interface Usage {
  readonly usedSize: number;
  readonly backingStorageSize: number;
}

/** Looks at the heaps of a page and its workers through the DevTools protocol; playwright's own sessions are for pages. */
async function heapsOf(page: Page): Promise<{ look: () => Promise<Heap>; workers: ReadonlySet<string> }> {
  const session: CDPSession = await page.context().newCDPSession(page);
  const workers = new Set<string>();
  const waiting = new Map<number, (result: Usage) => void>();
  session.on('Target.attachedToTarget', ({ sessionId }) => workers.add(sessionId));
  session.on('Target.detachedFromTarget', ({ sessionId }) => workers.delete(sessionId));
  session.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { id, result } = JSON.parse(message) as { id?: number; result: Usage };
    if (id !== undefined) waiting.get(id)?.(result);
  });
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  const ask = async (sessionId: string, method: string): Promise<Usage> => {
    const id = waiting.size + 1;
    const answer = new Promise<Usage>((resolve) => waiting.set(id, resolve));
    await session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) });
    return answer;
  };
  const bytesOf = ({ usedSize, backingStorageSize }: Usage): number => usedSize + backingStorageSize;
  const look = async (): Promise<Heap> => {
    await session.send('HeapProfiler.collectGarbage');
    const own = bytesOf((await session.send('Runtime.getHeapUsage')) as Usage);
    const others: number[] = [];
    for (const id of workers) {
      await ask(id, 'HeapProfiler.collectGarbage');
      others.push(bytesOf(await ask(id, 'Runtime.getHeapUsage')));
    }
    return { page: own, workers: others };
  };
  return { look, workers };
}

describe.skipIf(!chromiumPath)(`the memory of a page ${needsChromium}`, again, () => {
  let server: ServedPage;
  let browser: Browser;
  let page: Page;
  let heaps: Awaited<ReturnType<typeof heapsOf>>;
  /** A worker that was ended is gone a moment later. */
  const allGone = () => expect.poll(() => heaps.workers.size, { timeout: PATIENCE }).toBe(0);
  const drive = async (call: 'run' | 'visit', text: string): Promise<number> => {
    const told = await page.evaluate<number | string>(`driver.${call}(${JSON.stringify(text)}).catch(String)`);
    if (typeof told === 'string') throw new Error(told);
    return told;
  };

  beforeAll(async () => {
    server = await servePage({ script, worker });
    browser = await chromium.launch({
      executablePath: chromiumPath!,
      args: [...chromiumArgs, '--use-webgpu-adapter=swiftshader'],
    });
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });
  const openPage = async (): Promise<void> => {
    await page?.close();
    page = await browser.newPage();
    await page.goto(server.url);
    heaps = await heapsOf(page);
  };

  it('stays where it was when one worker runs one experiment after the other', { timeout: 180_000 }, async () => {
    await openPage();
    const buffers = [await drive('run', tuned)];
    const first = await heaps.look();
    for (let i = 0; i < AGAIN; i++) buffers.push(await drive('run', tuned));
    const last = await heaps.look();
    expect(new Set(buffers)).toEqual(new Set([buffers[0]]));
    expect((last.page - first.page) / AGAIN).toBeLessThan(GROWS.page);
    expect(last.workers).toHaveLength(1);
    expect((last.workers[0]! - first.workers[0]!) / AGAIN).toBeLessThan(GROWS.worker);
  });

  it('stays where it was when labs are opened and disposed of', { timeout: 180_000 }, async () => {
    await openPage();
    const left = [await drive('visit', found)];
    await allGone();
    const first = await heaps.look();
    for (let i = 0; i < AGAIN; i++) left.push(await drive('visit', found));
    await allGone();
    const last = await heaps.look();
    expect(left).toEqual(Array(AGAIN + 1).fill(0));
    expect((last.page - first.page) / AGAIN).toBeLessThan(GROWS.page);
  });
});
