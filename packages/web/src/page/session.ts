/**
 * The page's side of the lab: one worker for the whole visit, opened when it is first needed. What it tells becomes the
 * shared state; what the reader asks for, goes to it.
 */
import { computed, signal } from '@preact/signals';
import type { RunEvent } from '@circuit-tuning/core';
import type { Asked, CheckedFacts, KeptRun, Status } from '../engine/protocol.js';
import { troubleOf } from '../engine/trouble.js';
import { openLab, type Lab } from '../lab.js';
import { runLock, whenFree } from '../storage/locks.js';
import { RunRecord, type Found, type ToldEvent } from '../record/index.js';
import { asking } from './asking.js';
import { resetClock, runClock } from './run/clock.js';
import { checked, device, grown, isLive, record, show, status, trouble } from './state.js';

const here = (path: string): URL => new URL(path, document.baseURI);
const BUILT_IN = 'lab.yaml';

/** What Start runs: the built-in experiment, until the reader asks for another. */
export const asked = signal<Asked | undefined>(undefined);
/** Of downloads, and of models that are being kept. */
export const progress = signal<{ what: string; done: number; of: number } | undefined>(undefined);
/** What the browser's storage holds, the newest first. */
export const keptRuns = signal<readonly KeptRun[]>([]);
/** A run that was cut short and can go on: the newest. */
export const unfinished = computed(() =>
  keptRuns.value.find(({ status, canGoOn }) => canGoOn && status === 'interrupted'),
);
/** The newest that another tab has. */
export const elsewhere = computed(() =>
  keptRuns.value.find((run) => run.status === 'running' && run.id !== status.value.run),
);
/** Whether the worker works at something that was asked for just now, so that it is not asked twice. */
export const isBusy = signal(false);

/** The run of this tab, which goes on growing while the reader looks at another. */
let live: RunRecord | undefined;
let opened: Promise<Lab> | undefined;

/** Rejects with a LabError where the worker cannot be started; the next call tries again. */
export function lab(): Promise<Lab> {
  opened ??= openLab({
    worker: here('worker.js'),
    embedded: here('embedded/'),
    onStatus: take,
    onBegin: begin,
    onEvent: add,
    onProgress: (what, done, of) => (progress.value = done < of ? { what, done, of } : undefined),
  }).catch((error: unknown) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

function begin(facts: CheckedFacts): void {
  const { name, metric, experiment, graph } = facts;
  live = new RunRecord({ name, metric, experiment });
  live.setGraph(graph);
  resetClock();
  checked.value = facts;
  show(live, true);
  void lab().then((it) => (asking.value = it));
}

function add(event: RunEvent, found?: Found): void {
  // what files may lack, a run that is under way tells always
  live?.add(event as ToldEvent, found);
  if (record.peek() === live) grown();
}

function take(next: Status): void {
  const { phase } = status.peek();
  status.value = next;
  runClock(next.phase === 'running' || next.phase === 'loading');
  if (next.trouble && phase !== 'failed') trouble.value = next.trouble;
  if (next.phase !== phase && (next.phase === 'done' || next.phase === 'stopped' || next.phase === 'failed'))
    void refreshRuns();
}

/** Does what the reader asked for, and says what went wrong. */
async function act(work: (lab: Lab) => Promise<unknown>): Promise<void> {
  if (isBusy.value) return;
  isBusy.value = true;
  trouble.value = undefined;
  try {
    await work(await lab());
  } catch (error) {
    trouble.value = troubleOf(error);
  } finally {
    isBusy.value = false;
  }
}

export async function refreshRuns(): Promise<void> {
  try {
    keptRuns.value = await (await lab()).runs();
  } catch {
    // a browser that keeps nothing has nothing to offer
    keptRuns.value = [];
  }
  void refreshWhenFree();
}

let awaited: string | undefined;
/** What another tab runs can go on here once that tab is closed. */
async function refreshWhenFree(): Promise<void> {
  const run = elsewhere.peek()?.id;
  if (run === undefined || run === awaited) return;
  awaited = run;
  await whenFree(runLock(run));
  awaited = undefined;
  await refreshRuns();
}

/** Before anything is asked for: the graph of what Start would run, what went on last time, and what it would run on. */
export async function prepare(): Promise<void> {
  try {
    const it = await lab();
    const ready = asked.value ?? (await builtIn());
    const facts = await it.check(ready);
    asked.value ??= ready;
    if (!record.peek()) checked.value = facts;
    // most who come click Start; what is wrong with it shows there
    void it.warm(ready).catch(() => {});
    await refreshRuns();
    device.value = await it.device();
  } catch (error) {
    trouble.value = troubleOf(error);
  }
}

async function builtIn(): Promise<Asked> {
  const response = await fetch(here(`embedded/${BUILT_IN}`));
  if (!response.ok) throw new Error(`${response.url}: the server must send it, got ${response.status}`);
  return { text: await response.text() };
}

/** Runs an experiment, or again what ran last, or the built-in one. */
export const start = (what?: Asked): Promise<void> =>
  act(async (it) => {
    asked.value = what ?? asked.value ?? (await builtIn());
    await it.start(asked.value);
    device.value = await it.device();
  });

export const goOn = (run: string): Promise<void> =>
  act(async (it) => {
    await it.goOn(run);
    device.value = await it.device();
  });

export const removeRun = (run: string): Promise<void> =>
  act(async (it) => {
    await it.removeRun(run);
    await refreshRuns();
  });

export const stop = (): Promise<void> => act((it) => it.stop());

/** Shows the run of this tab again, where another was opened meanwhile. */
export function showLive(): void {
  if (live) show(live, true);
}
export const hasLive = (): boolean => live !== undefined && !isLive.value;

/** The one thing that is next: start, pause, resume, or go on with what was cut short. */
export function playOrPause(): void {
  const { phase, run } = status.value;
  if (phase === 'running') void act((it) => it.pause());
  else if (phase === 'paused') void act((it) => it.play());
  else if ((phase === 'stopped' || phase === 'failed') && run !== undefined) void goOn(run);
  else if (phase !== 'loading') void start();
}

export const canStep = computed(() => status.value.phase === 'paused' || status.value.phase === 'running');

export function stepOnce(): void {
  if (canStep.value) void act((it) => it.step());
}
