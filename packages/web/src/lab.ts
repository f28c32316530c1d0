/**
 * The lab for other people's pages, and for ours: a worker with the device, the model and the run, and a handle to it.
 * See docs/lab-api.md.
 */
import type { RunEvent } from '@circuit-tuning/core';
import { createBirpc } from 'birpc';
import { portChannel } from './engine/channel.js';
import { EventStream } from './engine/eventStream.js';
import type { CheckedFacts, Engine, Listener, Status } from './engine/protocol.js';
import { LabError } from './engine/trouble.js';
import type { Found } from './record/record.js';

export { LabError } from './engine/trouble.js';

export interface LabOptions {
  /** worker.js of this package, at an address of the page's own origin, or a worker that runs it. */
  readonly worker: URL | string | Worker;
  /** Folder of the built-in model, tasks and experiments. */
  readonly embedded: URL | string;
  /** Where hub models come from. Default: https://huggingface.co. */
  readonly hub?: string;
  readonly onStatus?: (status: Status) => void;
  /** A run begins, or goes on: what follows is about this one. */
  readonly onBegin?: (facts: CheckedFacts) => void;
  /** `found` is the circuit, for events that bring one. */
  readonly onEvent?: (event: RunEvent, found?: Found) => void;
  /** Of downloads, and of models that are being kept. */
  readonly onProgress?: (what: string, done: number, of: number) => void;
}

/** An event of a run, and the circuit that it brings. */
export interface LabEvent {
  readonly event: RunEvent;
  readonly found?: Found;
}

/** Every call of the engine, as a promise that may reject with a `LabError`. */
type Calls = {
  readonly [Name in Exclude<keyof Engine, 'open' | 'dispose'>]: (
    ...given: Parameters<Engine[Name]>
  ) => Promise<Awaited<ReturnType<Engine[Name]>>>;
};

export interface Lab extends Calls {
  /** The state of the run, as it was told last. */
  readonly status: Status;
  /** What is told from now on, until `dispose`. */
  events(): AsyncIterableIterator<LabEvent>;
  /** Ends the run, gives the device and its memory back, and ends the worker. */
  dispose(): Promise<void>;
}

const CALLS: Readonly<Record<keyof Calls, true>> = {
  device: true,
  addFiles: true,
  addModel: true,
  models: true,
  removeModel: true,
  hubFacts: true,
  download: true,
  stopDownload: true,
  check: true,
  warm: true,
  start: true,
  goOn: true,
  play: true,
  pause: true,
  step: true,
  stop: true,
  prompt: true,
  attention: true,
  nodeFacts: true,
  openRun: true,
  loadOpened: true,
  closeOpened: true,
  runs: true,
  removeRun: true,
  save: true,
};

/** @throws LabError where the worker cannot be started. */
export async function openLab(options: LabOptions): Promise<Lab> {
  const { onStatus, onBegin, onEvent, onProgress, hub = 'https://huggingface.co' } = options;
  const worker =
    options.worker instanceof Worker ? options.worker : new Worker(options.worker, { type: 'module', name: 'lab' });
  const streams = new Set<EventStream<LabEvent>>();
  let status: Status = { phase: 'idle' };
  const engine = createBirpc<Engine, Listener>(
    {
      status: reported((now) => {
        status = now;
        onStatus?.(now);
      }),
      begin: reported((facts) => onBegin?.(facts)),
      event: reported((event, found) => {
        for (const stream of streams) stream.push({ event, ...(found && { found }) });
        onEvent?.(event, found);
      }),
      progress: reported((what, done, of) => onProgress?.(what, done, of)),
    },
    portChannel(worker),
  );
  const end = (error?: LabError): void => {
    engine.$close(error);
    worker.terminate();
    for (const stream of streams) stream.end();
  };
  worker.addEventListener('error', ({ message }) => end(workerError(message)));
  await engine.open({
    embedded: new URL(options.embedded, location.href).href.replace(/\/?$/, '/'),
    hub: hub.replace(/\/$/, ''),
    pageHasWebGpu: 'gpu' in navigator,
  });

  const call = (name: string): [string, unknown] => [
    name,
    (...given: unknown[]) => engine.$callRaw({ method: name, args: given }),
  ];
  let disposed: Promise<void> | undefined;
  return {
    ...(Object.fromEntries(Object.keys(CALLS).map(call)) as Calls),
    get status() {
      return status;
    },
    events() {
      const stream = new EventStream<LabEvent>(() => streams.delete(stream));
      streams.add(stream);
      return stream;
    },
    dispose: () => (disposed ??= engine.dispose().finally(() => end())),
  };
}

/** The RPC swallows what listeners throw; the page shall hear of it as of any other error of its own. */
const reported =
  <Given extends unknown[]>(listener: (...given: Given) => void) =>
  (...given: Given): void => {
    try {
      listener(...given);
    } catch (error) {
      reportError(error);
    }
  };

const workerError = (got = 'an error without words'): LabError => {
  const facts = {
    where: 'worker',
    rule: 'the script of the worker must load and stay up',
    got,
    cure: 'Check that its address is right, and of the same origin as the page',
  };
  return new LabError({
    kind: 'Error',
    message: `${facts.where}: ${facts.rule}, got ${got}. ${facts.cure}.`,
    ...facts,
  });
};
