/** A page of somebody else: opens the lab by its public API and drives runs with it. */
import {
  openLab,
  type AttentionPattern,
  type DeviceFacts,
  type Lab,
  type LabEvent,
  type NodeFacts,
  type PromptAnswer,
  type Status,
} from '../../src/index.js';

/** What a kept run holds, without its clock, so that runs can be compared to the bit. */
export type Log = readonly unknown[];

export interface Interrupted {
  readonly log: Log;
  readonly phases: readonly Status['phase'][];
  /** Events told while it was paused and asked about. */
  readonly toldMeanwhile: number;
  /** Steps that one press of Step made. */
  readonly stepped: number;
  readonly answers: readonly PromptAnswer[];
  /** At the end of the run, and when it was opened again. */
  readonly tuned: PromptAnswer;
  readonly recalled: PromptAnswer;
  readonly attention: AttentionPattern;
  readonly facts: NodeFacts;
}

export interface Lost {
  readonly log: Log;
  readonly status: Status;
}

export interface Ended {
  readonly facts: DeviceFacts;
  /** Buffers that were left when the device was given back. */
  readonly held: number;
  /** What a call says after that. */
  readonly refused: string;
  readonly streamed: number;
}

/** What the page of the test offers to it. */
export interface Driver {
  whole(text: string): Promise<Log>;
  interrupted(text: string): Promise<Interrupted>;
  lost(text: string): Promise<Lost>;
  refused(text: string): Promise<unknown>;
  end(): Promise<Ended>;
}

const port = new BroadcastChannel('devices');
let lab: Lab;
let told: unknown[] = [];
let phases: Status['phase'][] = [];
let streamed = 0;
let lastStep = 0;
let onStep: (step: number) => void = () => {};

function plain(event: LabEvent['event'], found: LabEvent['found']): unknown {
  const { t: _, ...facts } = event;
  const told = { ...facts, ...(found && { score: [...found.score], inside: [...found.inside] }) };
  if ('seconds' in told) Reflect.deleteProperty(told, 'seconds');
  return told;
}

async function open(): Promise<void> {
  lab = await openLab({
    worker: '/worker.js',
    embedded: '/embedded',
    onStatus: ({ phase }) => phases.at(-1) !== phase && phases.push(phase),
    onBegin: () => (told = []),
    onEvent: (event, found) => {
      told.push(plain(event, found));
      if (event.kind !== 'step') return;
      lastStep = event.step;
      onStep(lastStep);
    },
  });
  void (async () => {
    for await (const _ of lab.events()) streamed++;
  })();
}

async function rest(): Promise<Status> {
  while (!['done', 'stopped', 'failed', 'paused'].includes(lab.status.phase))
    await new Promise((resolve) => setTimeout(resolve, 5));
  return lab.status;
}

/** The step in which `act` is called. */
async function at(step: number, act: () => unknown): Promise<void> {
  await new Promise<void>((resolve) => {
    onStep = (told) => {
      if (told !== step) return;
      onStep = () => {};
      void act();
      resolve();
    };
  });
}

/** Going on with a run that is done tells it again as it is kept. */
async function keptLog(run: string): Promise<Log> {
  await lab.goOn(run);
  await rest();
  return told;
}

const prompt = (ablation: 'zero' | 'mean'): Promise<PromptAnswer> =>
  lab.prompt({ prompt: 'the keys', top: 3, off: ['a0.h1'], only: Uint32Array.of(3, 1, 40), ablation });

const driver: Driver = {
  async whole(text) {
    await open();
    // another experiment's is given back, this one's is run on: the other calls run without
    await lab.warm({ text: text.replace('seed: 3', 'seed: 4') });
    await lab.warm({ text });
    await lab.start({ text });
    await rest();
    return told;
  },
  async interrupted(text) {
    phases = [];
    const run = await lab.start({ text });
    await at(2, () => lab.pause());
    // answered when what was under way has come to its end
    const attention = await lab.attention('a1.h2', 'the keys');
    const [before, paused] = [told.length, lastStep];
    const facts = await lab.nodeFacts('a1.h2');
    const answers = [await prompt('zero'), await prompt('mean')];
    const toldMeanwhile = told.length - before;
    await Promise.all([at(paused + 1, () => {}), lab.step()]);
    await rest();
    const stepped = lastStep - paused;
    await Promise.all([at(paused + 2, () => lab.stop()), lab.play()]);
    await rest();
    const goingOn = lab.goOn(run);
    await at(paused + 3, async () => answers.push(await prompt('mean')));
    await goingOn;
    await rest();
    const seen = [...phases];
    const tuned = await prompt('zero');
    const log = await keptLog(run);
    const recalled = await prompt('zero');
    return { log, tuned, recalled, phases: seen, toldMeanwhile, stepped, answers, attention, facts };
  },
  async lost(text) {
    const run = await lab.start({ text });
    await at(5, () => port.postMessage('destroy'));
    const status = await rest();
    await lab.goOn(run);
    await rest();
    return { status, log: await keptLog(run) };
  },
  refused: (text) => lab.check({ text }).catch((error: unknown) => ({ ...(error as object) })),
  async end() {
    const counted = new Promise<number>((resolve) => {
      port.addEventListener('message', ({ data }) => resolve(data as number));
    });
    const facts = await lab.device();
    await lab.dispose();
    const refused = await lab.runs().then(String, String);
    return { facts, held: await counted, refused, streamed };
  },
};
export default (): void => void Object.assign(globalThis, { driver });
