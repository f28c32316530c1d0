/** The engine behind its protocol: what each call comes to, and in which state that leaves the lab. */
import { ConfigError, keptEvents, keptText, type RunEvent, type Source } from '@circuit-tuning/core';
import { BrowserGpuError, lossBehind, lostError, openBrowserGpu, type BrowserGpu } from '../gpu.js';
import { readCircuit, zipRun, type Found } from '../record/index.js';
import type { OwnRun } from '../storage/index.js';
import { EmbeddedFiles, GivenFiles, openAsked, type Opened } from './experimentFiles.js';
import { checkedFacts } from './facts.js';
import { openKept, type Kept } from './keep.js';
import { LiveRun } from './liveRun.js';
import { memoryFacts } from './memoryFacts.js';
import type { Mode } from './playback.js';
import { answerPrompt, attentionOf, factsOfNode } from './questions.js';
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
  OpenOptions,
  Phase,
  PromptAnswer,
  PromptAsked,
  Status,
} from './protocol.js';
import { newRun, oldRun, type Ready } from './ready.js';
import { Shelf } from './shelf.js';
import { troubleOf } from './trouble.js';
import { Turns } from './turns.js';

const phaseOf: Readonly<Record<Mode, Phase>> = { playing: 'running', stepping: 'running', paused: 'paused' };

/** Progress is told no more often than screens are drawn by half. */
const TELL_EVERY_MS = 33;

/** What `open` sets up. */
interface Opening {
  readonly options: OpenOptions;
  readonly embedded: EmbeddedFiles;
  readonly kept: Promise<Kept>;
  readonly shelf: Shelf;
}

export class LabEngine implements Engine {
  readonly #listener: Listener;
  readonly #given = new GivenFiles();
  /** Beginning, going on and ending of runs, one after the other. */
  readonly #changes = new Turns();
  #opening: Opening | undefined;
  #gpu: Promise<BrowserGpu> | undefined;
  /** Of the run that is being made ready. */
  #preparing: AbortController | undefined;
  #live: LiveRun | undefined;
  /** Settles when the live run has come to its end, and that was told. */
  #followed: Promise<void> = Promise.resolve();
  #status: Status = { phase: 'idle' };

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  open(options: OpenOptions): void {
    const kept = openKept();
    const shelf = new Shelf(kept, { hub: options.hub }, (...told) => this.#listener.progress(...told));
    this.#opening = { options, kept, shelf, embedded: new EmbeddedFiles(options.embedded) };
  }

  async device(): Promise<DeviceFacts> {
    const { name, isSoftware, notice } = await this.#openGpu();
    return { name, isSoftware, ...(notice !== undefined && { notice }) };
  }

  addFiles(files: readonly { readonly path: string; readonly file: File }[]): void {
    this.#given.add(files);
  }

  addModel(name: string, files: readonly File[]): Promise<KnownModel> {
    return this.#opened.shelf.add(name, files);
  }

  async models(): Promise<readonly KnownModel[]> {
    const bytes = (await this.#opened.embedded.open('model/model.safetensors'))?.size;
    const embedded: KnownModel[] =
      bytes === undefined ? [] : [{ name: 'embedded', from: 'embedded', bytes, isKept: true }];
    return [...embedded, ...(await this.#opened.shelf.list())];
  }

  removeModel(name: string): Promise<void> {
    return this.#opened.shelf.remove(name);
  }

  hubFacts(id: string): Promise<HubFacts> {
    return this.#opened.shelf.facts(id);
  }

  download(id: string): Promise<KnownModel> {
    return this.#opened.shelf.download(id);
  }

  stopDownload(): void {
    this.#opened.shelf.stopDownload();
  }

  async check(asked: Asked): Promise<CheckedFacts> {
    const { prepared } = await this.#openAsked(asked);
    const gpu = await this.#gpu?.catch(() => undefined);
    return { ...checkedFacts(prepared), ...(gpu && { memory: memoryFacts(prepared, gpu) }) };
  }

  start(asked: Asked): Promise<string> {
    return this.#begin(async (signal) => {
      const [opened, gpu] = await Promise.all([this.#openAsked(asked), this.#openGpu()]);
      const { runs } = await this.#opened.kept;
      const { ready, facts } = await newRun(runs, opened, gpu, signal);
      this.#listener.begin(facts);
      return ready;
    });
  }

  async goOn(run: string): Promise<void> {
    await this.#begin(async (signal) => {
      const own = await (await this.#opened.kept).runs.open(run);
      try {
        const text = (await keptText(own.keeper, 'experiment.yaml')) ?? own.asked.experiment;
        const [opened, gpu] = await Promise.all([this.#openAsked({ text }, own.keeper), this.#openGpu()]);
        const { ready, facts } = await oldRun(own, opened, gpu);
        signal.throwIfAborted();
        this.#listener.begin(facts);
        for (const { event } of await keptEvents(own.keeper)) await this.#tell(own, event);
        return ready;
      } catch (error) {
        own.close();
        throw error;
      }
    });
  }

  play(): void {
    this.#live?.playback.play();
  }

  pause(): void {
    this.#live?.playback.pause();
  }

  step(): void {
    this.#live?.playback.step();
  }

  async stop(): Promise<void> {
    this.#preparing?.abort();
    await this.#live?.playback.stop();
    await this.#followed;
  }

  prompt(asked: PromptAsked): Promise<PromptAnswer> {
    return this.#asked.ask((asking) => answerPrompt(asking, asked));
  }

  attention(node: string, prompt: string): Promise<AttentionPattern> {
    return this.#asked.ask((asking) => attentionOf(asking, node, prompt));
  }

  nodeFacts(node: string): Promise<NodeFacts> {
    return this.#asked.ask((asking) => factsOfNode(asking, node));
  }

  async runs(): Promise<readonly KeptRun[]> {
    return (await this.#opened.kept).runs.list();
  }

  async removeRun(run: string): Promise<void> {
    await (await this.#opened.kept).runs.remove(run);
  }

  async save(run: string): Promise<Blob> {
    const { runs } = await this.#opened.kept;
    const kept = (await runs.list()).find(({ id }) => id === run);
    // without its checkpoints one that was cut short could not go on where it is opened
    return zipRun(await runs.files(run), { checkpoints: kept?.status !== 'done' });
  }

  async dispose(): Promise<void> {
    this.#preparing?.abort();
    this.#opening?.shelf.stopDownload();
    await this.#changes.take(async () => {
      await this.#end();
      const gpu = await this.#gpu?.catch(() => undefined);
      this.#gpu = undefined;
      gpu?.close();
    });
    this.#say({ phase: 'idle' });
  }

  get #opened(): Opening {
    if (this.#opening) return this.#opening;
    throw new Error('open must be called first');
  }

  get #asked(): LiveRun {
    if (this.#live) return this.#live;
    throw new ConfigError({
      where: 'the lab',
      rule: 'must have a run, whose model can be asked',
      got: 'none',
      cure: 'Start a run, or go on with one',
    });
  }

  #say(status: Status): void {
    this.#status = status;
    this.#listener.status(status);
  }

  #saidAt = 0;

  /** A small model is done with a piece of its work faster than anybody can read. */
  #sayProgress(status: Status): void {
    const now = performance.now();
    const isNews =
      status.what !== this.#status.what || status.done === status.of || now - this.#saidAt >= TELL_EVERY_MS;
    if (!isNews) return;
    this.#saidAt = now;
    this.#say(status);
  }

  #openAsked(asked: Asked, own?: { open(path: string): Promise<Source | undefined> }): Promise<Opened> {
    const { embedded, shelf } = this.#opened;
    const data = [...(own ? [own] : []), this.#given, embedded];
    return openAsked(asked, { data, embedded, model: (name) => shelf.open(name) });
  }

  #openGpu(): Promise<BrowserGpu> {
    if (this.#gpu) return this.#gpu;
    const { pageHasWebGpu = false } = this.#opened.options;
    const opening = openBrowserGpu({ pageHasWebGpu });
    this.#gpu = opening;
    const forget = (): void => {
      if (this.#gpu === opening) this.#gpu = undefined;
    };
    const onLost = (): void => {
      forget();
      // a paused run does not notice by itself
      void this.#live?.playback.stop();
    };
    // once for a device: what listens to it stays as long as it, over many runs
    opening.then(({ lost }) => lost.then(onLost), forget);
    return opening;
  }

  /** Ends what went on before, makes a run ready and plays it; resolves with its id once that is certain. */
  #begin(ready: (signal: AbortSignal) => Promise<Ready>): Promise<string> {
    this.#preparing?.abort();
    const preparing = (this.#preparing = new AbortController());
    return this.#changes.take(async () => {
      await this.#end();
      try {
        preparing.signal.throwIfAborted();
        this.#say({ phase: 'loading', what: 'reading the experiment' });
        const made = await ready(preparing.signal);
        this.#say({ phase: 'loading', run: made.own.id, what: 'loading the model' });
        this.#play(made);
        return made.own.id;
      } catch (error) {
        this.#say({ phase: 'idle' });
        throw error;
      } finally {
        if (this.#preparing === preparing) this.#preparing = undefined;
      }
    });
  }

  #play(ready: Ready): void {
    const { own } = ready;
    const live = new LiveRun({
      ...ready,
      onEvent: (event) => this.#tell(own, event),
      onMode: (mode) => this.#say({ ...this.#status, phase: phaseOf[mode] }),
      onProgress: (what, done, of) => {
        const { mode } = live.playback;
        const phase = live.isLoaded || mode === 'paused' ? phaseOf[mode] : 'loading';
        this.#sayProgress({ phase, run: own.id, what, done, of });
      },
    });
    this.#live = live;
    this.#followed = this.#follow(live);
  }

  async #follow({ own, gpu, playback }: LiveRun): Promise<void> {
    let status: Status;
    let ended: 'done' | 'failed' | 'interrupted';
    try {
      const how = await playback.ended;
      // a run that was at rest when the device went is stopped, and that is not what the user did
      const lost = how === 'stopped' ? await Promise.race([gpu.lost, Promise.resolve()]) : undefined;
      if (lost !== undefined) throw lostError(lost);
      status = { phase: how, run: own.id };
      ended = how === 'done' ? 'done' : 'interrupted';
    } catch (error) {
      const known = await lossBehind(error, gpu);
      const isLost = known instanceof BrowserGpuError;
      status = { phase: 'failed', run: own.id, trouble: troubleOf(known), isLost };
      ended = isLost ? 'interrupted' : 'failed';
    }
    try {
      await own.ended(ended);
    } catch (error) {
      status = { phase: 'failed', run: own.id, trouble: troubleOf(error) };
    }
    own.close();
    this.#say(status);
  }

  /** Ends the live run and forgets it. */
  async #end(): Promise<void> {
    const live = this.#live;
    this.#live = undefined;
    await live?.dispose();
    await this.#followed;
  }

  async #tell({ keeper }: OwnRun, event: RunEvent): Promise<void> {
    this.#listener.event(event, await foundBy(event, keeper));
  }
}

/** The circuit that an event tells of, as the run keeps it. */
async function foundBy(event: RunEvent, keeper: OwnRun['keeper']): Promise<Found | undefined> {
  if (event.kind !== 'search' && event.kind !== 'circuit') return undefined;
  const path = event.circuit;
  const text = await keptText(keeper, path);
  return text === undefined ? undefined : readCircuit(text, `${keeper.name}/${path}`).found;
}
