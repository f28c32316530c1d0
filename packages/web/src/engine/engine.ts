/** The engine behind its protocol: what each call comes to. */
import { keptEvents, keptText } from '@circuit-tuning/core';
import { filesAt, zipRun, type RunPlace } from '../record/index.js';
import { EmbeddedFiles, GivenFiles } from './experimentFiles.js';
import { checkedFacts } from './facts.js';
import { openKept, type Kept } from './keep.js';
import { memoryFacts } from './memoryFacts.js';
import { OneGpu } from './oneGpu.js';
import type {
  Asked,
  AttentionPattern,
  CheckedFacts,
  DeviceFacts,
  Engine,
  HubFacts,
  KeptRun,
  KnownModel,
  Listener,
  NodeFacts,
  OpenedModels,
  OpenOptions,
  PromptAnswer,
  PromptAsked,
} from './protocol.js';
import { OpenedRun } from './openedRun.js';
import { answerPrompt, attentionOf, factsOfNode, type Asking } from './questions.js';
import { Reader } from './reader.js';
import { newRun, oldRun } from './ready.js';
import { RunControl } from './runControl.js';
import { Shelf } from './shelf.js';
import { Warm } from './warm.js';

/** What `open` sets up. */
interface Opening {
  readonly embedded: EmbeddedFiles;
  readonly kept: Promise<Kept>;
  readonly shelf: Shelf;
  readonly reader: Reader;
}

export class LabEngine implements Engine {
  readonly #listener: Listener;
  readonly #given = new GivenFiles();
  readonly #control: RunControl;
  readonly #gpu: OneGpu;
  readonly #warm = new Warm();
  #opening: Opening | undefined;
  /** A run from files that may be asked. */
  #opened: OpenedRun | undefined;

  constructor(listener: Listener) {
    this.#listener = listener;
    this.#control = new RunControl(listener);
    this.#gpu = new OneGpu(() => {
      this.#control.deviceLost();
      void this.#opened?.close();
    });
  }

  open({ embedded: url, hub, pageHasWebGpu = false }: OpenOptions): void {
    const kept = openKept();
    const embedded = new EmbeddedFiles(url);
    const shelf = new Shelf(kept, { hub }, (...told) => this.#listener.progress(...told));
    this.#opening = { embedded, kept, shelf, reader: new Reader({ embedded, given: this.#given, shelf }) };
    this.#gpu.pageHasWebGpu = pageHasWebGpu;
  }

  async device(): Promise<DeviceFacts> {
    const { name, isSoftware, notice } = await this.#gpu.open();
    return { name, isSoftware, ...(notice !== undefined && { notice }) };
  }

  addFiles(files: readonly { readonly path: string; readonly file: File }[]): void {
    this.#given.add(files);
    this.#opening?.reader.forget();
  }

  addModel(name: string, files: readonly File[]): Promise<KnownModel> {
    return this.#changing(({ shelf }) => shelf.add(name, files));
  }

  async models(): Promise<readonly KnownModel[]> {
    const bytes = (await this.#set.embedded.open('model/model.safetensors'))?.size;
    const embedded: KnownModel[] =
      bytes === undefined ? [] : [{ name: 'embedded', from: 'embedded', bytes, isKept: true }];
    return [...embedded, ...(await this.#set.shelf.list())];
  }

  removeModel(name: string): Promise<void> {
    return this.#changing(({ shelf }) => shelf.remove(name));
  }

  hubFacts(id: string): Promise<HubFacts> {
    return this.#set.shelf.facts(id);
  }

  download(id: string): Promise<KnownModel> {
    return this.#changing(({ shelf }) => shelf.download(id));
  }

  stopDownload(): void {
    this.#set.shelf.stopDownload();
  }

  async check(asked: Asked): Promise<CheckedFacts> {
    const { prepared } = await this.#set.reader.read(asked);
    const gpu = await this.#gpu.ifSoon();
    return { ...checkedFacts(prepared), ...(gpu && { memory: await memoryFacts(prepared, gpu) }) };
  }

  async warm(asked: Asked): Promise<void> {
    if (this.#control.isTaken) return;
    const [opened, gpu] = await Promise.all([this.#set.reader.read(asked), this.#gpu.open()]);
    if (!this.#control.isTaken) this.#warm.up(opened, gpu);
  }

  start(asked: Asked): Promise<string> {
    return this.#control.begin(async (signal) => {
      await this.closeOpened();
      const [opened, gpu] = await Promise.all([this.#set.reader.read(asked), this.#gpu.open()]);
      // goes on while the run is written down
      this.#warm.up(opened, gpu);
      const { ready, facts } = await newRun((await this.#set.kept).runs, opened, gpu, signal);
      this.#listener.begin(facts);
      const placed = this.#warm.take(opened, gpu);
      return placed ? { ...ready, placed } : ready;
    });
  }

  async goOn(run: string): Promise<void> {
    await this.#control.begin(async (signal) => {
      await this.closeOpened();
      this.#warm.drop();
      const { kept, reader } = this.#set;
      const own = await (await kept).runs.open(run);
      try {
        const text = (await keptText(own.keeper, 'experiment.yaml')) ?? own.asked.experiment;
        const [opened, gpu] = await Promise.all([reader.readOf(own.keeper, text), this.#gpu.open()]);
        const { ready, facts } = await oldRun(own, opened, gpu);
        signal.throwIfAborted();
        this.#listener.begin(facts);
        for (const { event } of await keptEvents(own.keeper)) await this.#control.tell(own, event);
        return ready;
      } catch (error) {
        own.close();
        throw error;
      }
    });
  }

  play(): void {
    this.#control.play();
  }

  pause(): void {
    this.#control.pause();
  }

  step(): void {
    this.#control.step();
  }

  stop(): Promise<void> {
    return this.#control.stop();
  }

  prompt(asked: PromptAsked): Promise<PromptAnswer> {
    return this.#ask((asking) => answerPrompt(asking, asked));
  }

  attention(node: string, prompt: string): Promise<AttentionPattern> {
    return this.#ask((asking) => attentionOf(asking, node, prompt));
  }

  nodeFacts(node: string): Promise<NodeFacts> {
    return this.#ask((asking) => factsOfNode(asking, node));
  }

  async openRun(place: RunPlace): Promise<OpenedModels> {
    await this.closeOpened();
    const { embedded, shelf } = this.#set;
    const { run, models } = await OpenedRun.open(await filesAt(place), async (name) =>
      isEmbedded(name) ? embedded.model : ((await shelf.open(name)) ?? shelf.open(lastPart(name))),
    );
    this.#opened = run;
    return models;
  }

  async loadOpened(method: string): Promise<void> {
    await this.#opened?.load(method, await this.#gpu.open());
  }

  async closeOpened(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.close();
  }

  async runs(): Promise<readonly KeptRun[]> {
    return (await this.#set.kept).runs.list();
  }

  async removeRun(run: string): Promise<void> {
    await (await this.#set.kept).runs.remove(run);
  }

  async save(run: string): Promise<Blob> {
    const { runs } = await this.#set.kept;
    const kept = (await runs.list()).find(({ id }) => id === run);
    // without its checkpoints one that was cut short could not go on where it is opened
    return zipRun(await runs.files(run), { checkpoints: kept?.status !== 'done' });
  }

  async dispose(): Promise<void> {
    this.#opening?.shelf.stopDownload();
    await this.#control.dispose(async () => {
      await this.closeOpened();
      this.#warm.drop();
      await this.#gpu.close();
    });
  }

  #ask<T>(question: (asking: Asking) => Promise<T>): Promise<T> {
    return (this.#opened?.isAsked ? this.#opened : this.#control.live).ask(question);
  }

  get #set(): Opening {
    if (this.#opening) return this.#opening;
    throw new Error('open must be called first');
  }

  /** Does what changes which models there are: what was read before may name another one from now on. */
  async #changing<T>(work: (opening: Opening) => Promise<T>): Promise<T> {
    try {
      return await work(this.#set);
    } finally {
      this.#set.reader.forget();
    }
  }
}

/** The command line writes the whole path of the built-in model where it was given as a folder. */
const isEmbedded = (name: string): boolean => /^embedded$|(^|[\\/])assets[\\/]embedded[\\/]model[\\/]?$/.test(name);
const lastPart = (path: string): string => path.split(/[\\/]/).findLast((part) => part !== '') ?? path;
