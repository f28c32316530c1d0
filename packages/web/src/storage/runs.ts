/** The runs that a browser keeps, each in a folder of its own that looks like one the CLI writes. */
import { ConfigError, textFile, type Keeper } from '@circuit-tuning/core';
import * as z from 'zod';
import type { KeptRun } from '../engine/protocol.js';
import { parseEvents } from '../record/events.js';
import type { RunFiles } from '../record/files.js';
import { webSha256 } from '../run.js';
import type { BrowserStorage } from './browserStorage.js';
import { namesIn, removeFolder, sweep, unfinishedFolder, wholeFolder } from './folders.js';
import { bytesBelow } from './handles.js';
import { heldLocks, runLock, takeLock } from './locks.js';
import { models } from './models.js';
import { opfsKeeper } from './opfsKeeper.js';
import { inRoom } from './room.js';
import { pathInRun } from './runPaths.js';
import { blobFile, readNote, writeNote } from './wholeFile.js';

export interface NewRun {
  /** Of the experiment: letters, digits, dots and dashes. */
  readonly name: string;
  /** YAML that goes into experiment.yaml as it is. */
  readonly experiment: string;
  /** Methods in the order in which they run; empty where nothing is tuned. */
  readonly methods: readonly string[];
  /** Steps of each. */
  readonly steps: number;
  /** Name of the kept model it needs to go on; absent where the embedded one is used. */
  readonly model?: string | undefined;
  /** Files of the reader that the experiment names, under the very paths it names them by (`./x` is `x`). */
  readonly files: readonly { readonly path: string; readonly file: Blob }[];
}

/** A run that this tab alone may write, until it closes it. */
export interface OwnRun {
  readonly id: string;
  readonly asked: Omit<NewRun, 'files'>;
  readonly keeper: Keeper;
  /** Kept beside the run, so that a list can say how it came out. A run that never says is `interrupted`. */
  ended(how: 'done' | 'failed' | 'interrupted'): Promise<void>;
  /** Lets other tabs have it. */
  close(): void;
}

export interface Runs {
  /** Newest first. */
  list(): Promise<readonly KeptRun[]>;
  /** @throws LimitError where the storage is full; ConfigError where a file's path cannot lie in a run. */
  create(run: NewRun): Promise<OwnRun>;
  /** @throws ConfigError where there is no such run, or another tab has it. */
  open(id: string): Promise<OwnRun>;
  /** To read only, e.g. for `zipRun`, whoever runs it. */
  files(id: string): Promise<RunFiles>;
  /** @throws ConfigError where it is running. */
  remove(id: string): Promise<void>;
}

const noteSchema = z.object({
  started: z.string(),
  status: z.enum(['done', 'failed', 'interrupted']),
  asked: z.object({
    name: z.string(),
    experiment: z.string(),
    methods: z.array(z.string()),
    steps: z.number(),
    model: z.string().optional(),
  }),
});
type Note = z.output<typeof noteSchema>;

/** Milliseconds that a tab which is being closed may still have its run. */
const PATIENCE = 1000;

/** Runs that this worker has. */
const ours = new Set<string>();

export function runs(storage: BrowserStorage): Runs {
  const folderOf = async (id: string): Promise<{ folder: FileSystemDirectoryHandle; note: Note }> => {
    const folder = await wholeFolder(storage.runs, id);
    const note = folder && (await readNote(folder, noteSchema));
    if (folder && note) return { folder, note };
    throw new ConfigError({
      where: id,
      rule: 'must be a run that this browser keeps',
      got: 'none of that name',
      cure: 'Choose one of the list, or start a new one',
    });
  };
  const own = (id: string, folder: FileSystemDirectoryHandle, note: Note, letGo: () => void): OwnRun => {
    ours.add(id);
    return {
      id,
      asked: note.asked,
      keeper: opfsKeeper(folder, id, webSha256),
      ended: (status) => inRoom(id, () => writeNote(folder, { ...note, status })),
      close() {
        ours.delete(id);
        letGo();
      },
    };
  };
  const mine = async (id: string): Promise<() => void> => {
    const close = await takeLock(runLock(id), PATIENCE);
    if (close) return close;
    throw new ConfigError({
      where: id,
      rule: 'must be open in one tab at a time',
      got: 'a tab that has it already',
      cure: 'Stop it there, or close that tab',
    });
  };
  /** A lock that is held may be that of this page before its reload. */
  const isRunning = async (id: string, isHeld: (what: string) => boolean): Promise<boolean> => {
    if (!isHeld(runLock(id)) || ours.has(id)) return ours.has(id);
    const letGo = await takeLock(runLock(id), PATIENCE);
    letGo?.();
    return letGo === undefined;
  };
  const tell = async (id: string, isHeld: (what: string) => boolean, known: Set<string>): Promise<KeptRun[]> => {
    const folder = await wholeFolder(storage.runs, id);
    const note = folder && (await readNote(folder, noteSchema));
    if (!folder || !note) return [];
    const { started, asked } = note;
    const { name, methods, steps, model } = asked;
    const [bytes, step] = await Promise.all([bytesBelow(folder), stepsDone(folder, asked)]);
    const status = (await isRunning(id, isHeld)) ? 'running' : note.status;
    const canGoOn = model === undefined || known.has(model);
    return [{ id, name, started, status, step, of: methods.length * steps, bytes, canGoOn }];
  };
  return {
    async list() {
      const known = new Set((await models(storage).list()).map(({ name }) => name));
      const isHeld = await heldLocks();
      const ids = await namesIn(storage.runs);
      const told = await Promise.all(ids.map((id) => tell(id, isHeld, known)));
      // ISO 8601 sorts as text
      return told.flat().toSorted((a, b) => (a.started < b.started ? 1 : -1));
    },
    async create({ files, ...asked }) {
      const given = files.map(({ path, file }) => blobFile(pathInRun(path), file));
      const isHeld = await heldLocks();
      await sweep(storage.runs, (id) => isHeld(runLock(id)));
      const started = new Date().toISOString();
      const { id, close } = await newId(`${asked.name}-${started.slice(0, 19).replaceAll(/[T:]/g, '-')}`);
      const note: Note = { started, status: 'interrupted', asked: { ...asked, methods: [...asked.methods] } };
      try {
        const { folder, finish } = await unfinishedFolder(storage.runs, id);
        const run = own(id, folder, note, close);
        await run.ended('interrupted');
        await run.keeper.write([textFile('experiment.yaml', asked.experiment), ...given]);
        await finish();
        return run;
      } catch (error) {
        await removeFolder(storage.runs, id);
        close();
        throw error;
      }
    },
    async open(id) {
      const close = await mine(id);
      try {
        const { folder, note } = await folderOf(id);
        return own(id, folder, note, close);
      } catch (error) {
        close();
        throw error;
      }
    },
    async files(id) {
      return opfsKeeper((await folderOf(id)).folder, id, webSha256);
    },
    async remove(id) {
      const close = await mine(id);
      await removeFolder(storage.runs, id).finally(close);
    },
  };

  /** The first of `base`, `base-2`, … that nobody has. */
  async function newId(base: string): Promise<{ id: string; close: () => void }> {
    const taken = new Set(await namesIn(storage.runs));
    for (let n = 1; ; n++) {
      const id = n === 1 ? base : `${base}-${n}`;
      const close = taken.has(id) ? undefined : await takeLock(runLock(id));
      if (close) return { id, close };
    }
  }
}

/** Enough of the end of events.jsonl to hold its last lines. */
const TAIL = 2 ** 16;

/** Of all methods together, by the last event that says. */
async function stepsDone(folder: FileSystemDirectoryHandle, { methods, steps }: Note['asked']): Promise<number> {
  const source = await opfsKeeper(folder, folder.name, webSha256).open('events.jsonl');
  if (!source) return 0;
  const tail = new TextDecoder().decode(await source.read(Math.max(0, source.size - TAIL), TAIL));
  for (const event of parseEvents(tail).events.toReversed()) {
    if (event.kind !== 'step' && event.kind !== 'done') continue;
    const before = methods.indexOf(event.method ?? '');
    if (before >= 0) return before * steps + (event.kind === 'step' ? event.step : steps);
  }
  return 0;
}
