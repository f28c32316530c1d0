/**
 * What a page and its worker say to each other. The worker has the device, the model and the run; the page has what it was
 * told. Both sides are typed by these two interfaces, and nothing else crosses.
 */
import type { ErrorFacts, Movement, RunEvent } from '@circuit-tuning/core';
import type { RunPlace } from '../record/place.js';
import type { Found, RunGraph } from '../record/record.js';

/** An error as it crosses: its sentence, and where it was one of ours its parts. */
export interface Trouble extends Partial<ErrorFacts> {
  /** `ConfigError`, `LimitError`, …, or `Error`. */
  readonly kind: string;
  /** The whole sentence, with the cure. */
  readonly message: string;
}

export interface OpenOptions {
  /** Folder of the built-in model, tasks and experiments: an absolute address that ends in a slash. */
  readonly embedded: string;
  /** Where hub models come from. */
  readonly hub: string;
  /** Whether the page has WebGPU: some browsers give it to pages and not to workers. */
  readonly pageHasWebGpu?: boolean;
}

export interface DeviceFacts {
  /** As far as the browser tells, e.g. 'nvidia lovelace'. */
  readonly name: string;
  readonly isSoftware: boolean;
  /** What the reader should know, e.g. that the work runs on the CPU. */
  readonly notice?: string;
}

/** An experiment as it was asked for. */
export interface Asked {
  /** YAML. Its paths name files that the user gave (`addFiles`), else built-in ones; its model the same way. */
  readonly text: string;
  /** `key.key=value`, put over the text. */
  readonly settings?: readonly string[];
}

/** What an experiment comes to, before a device is opened. */
export interface CheckedFacts {
  readonly name: string;
  /** The experiment with every default written out, YAML. */
  readonly experiment: string;
  readonly metric: string;
  readonly model: {
    readonly name: string;
    readonly modelType: string;
    readonly L: number;
    readonly H: number;
    readonly D: number;
    readonly parameters: number;
  };
  readonly graph: RunGraph;
  readonly topN: number;
  readonly methods: readonly string[];
  readonly steps: number;
  /** How many the circuit is searched on, tuning learns from, and the target is measured on. */
  readonly examples?: { readonly search: number; readonly train: number; readonly target: number };
  /**
   * Bytes of the device that the hungriest part takes, and a sentence where some part of it cannot run there; absent before
   * the device is open.
   */
  readonly memory?: { readonly bytes: number; readonly problem?: string };
  readonly warnings: readonly string[];
}

export type Phase = 'idle' | 'loading' | 'running' | 'paused' | 'stopped' | 'done' | 'failed';

export interface Status {
  readonly phase: Phase;
  /** Identifies the run in the browser's storage. */
  readonly run?: string;
  /** What is being done: 'finding the circuit', 'tuning: circuit', and how far it is. */
  readonly what?: string;
  readonly done?: number;
  readonly of?: number;
  /** Questions that are answered once what is being done is done; absent where none waits. */
  readonly waiting?: number;
  /** Why it failed. After the loss of a device `isLost` is true, and the run can go on from its last checkpoint. */
  readonly trouble?: Trouble;
  readonly isLost?: boolean;
}

/** A run in the browser's storage. */
export interface KeptRun {
  readonly id: string;
  readonly name: string;
  /** ISO 8601. */
  readonly started: string;
  readonly status: 'running' | 'done' | 'interrupted' | 'failed';
  /** Of how many steps of all methods together. */
  readonly step: number;
  readonly of: number;
  readonly bytes: number;
  /** Whether what it needs to go on (its model, its data) is here. */
  readonly canGoOn: boolean;
}

/** A model that experiments can name here. */
export interface KnownModel {
  readonly name: string;
  readonly from: 'embedded' | 'files' | 'hub';
  readonly bytes: number;
  /** Whether it is still there after a reload. */
  readonly isKept: boolean;
}

export interface HubFacts {
  readonly id: string;
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  readonly bytes: number;
  /** Bytes of it that are here already. */
  readonly here: number;
  /** What the browser still lets this page store; undefined where it does not say. */
  readonly free?: number;
}

export interface PromptAsked {
  readonly prompt: string;
  /** How many of the likeliest tokens. */
  readonly top: number;
  /** Parts of the circuit that are switched off in the third column: node names and edges `a0.h1->m1`. */
  readonly off: readonly string[];
  /** Only the edges of the circuit that is shown now, all others off, before `off` is applied. Indices into the run's graph. */
  readonly only?: Uint32Array;
  /** What takes the place of what is off. */
  readonly ablation: 'zero' | 'mean';
}

export interface TokenShare {
  readonly id: number;
  readonly text: string;
  /** In [0, 1]. */
  readonly share: number;
}

export interface PromptAnswer {
  /** The prompt, token by token. */
  readonly tokens: readonly string[];
  /** Absent where the base of a run from files is not here. */
  readonly base?: readonly TokenShare[];
  /** The model as it is now; absent before anything was tuned. */
  readonly tuned?: readonly TokenShare[];
  /** The same with parts switched off; absent where nothing is. */
  readonly off?: readonly TokenShare[];
  /** Step of the tuned model. */
  readonly step: number;
}

/** What a node owns and how far it moved since the base model. */
export interface NodeFacts {
  readonly node: string;
  readonly slices: readonly Movement[];
  readonly step: number;
}

export interface AttentionPattern {
  readonly tokens: readonly string[];
  /** Row: the token that looks; column: what it looks at. [T, T], each row sums to 1. Absent as that of an answer is. */
  readonly base?: Float32Array;
  readonly tuned?: Float32Array;
}

/** The models of a run that was opened. */
export interface OpenedModels {
  /** Methods whose tuned model can be loaded, in the order of the run. */
  readonly methods: readonly string[];
  /** A sentence on what is not there, and what could be done; absent where everything is. */
  readonly missing?: string;
}

/** What a page may ask of the worker. Every call may reject with a `Trouble`. */
export interface Engine {
  open(options: OpenOptions): void;
  /** Opens the device if it is not open. */
  device(): Promise<DeviceFacts>;

  /** Files that experiments may name by `path`; they stay in the tab. */
  addFiles(files: readonly { readonly path: string; readonly file: File }[]): void;
  /** A model in Hugging Face layout under a name; kept in the browser's storage where it fits. */
  addModel(name: string, files: readonly File[]): Promise<KnownModel>;
  models(): Promise<readonly KnownModel[]>;
  removeModel(name: string): Promise<void>;
  /** Asks the hub what a model is made of. */
  hubFacts(id: string): Promise<HubFacts>;
  /** Downloads it, or goes on where a download stopped. Progress comes as `progress`. */
  download(id: string): Promise<KnownModel>;
  stopDownload(): void;

  check(asked: Asked): Promise<CheckedFacts>;
  /**
   * What `start` of the same will need, done before it is asked for: the device opened, a small model put on it, its search
   * compiled. Nothing of it shows; nothing is done while there is a run. Another start gives it back.
   */
  warm(asked: Asked): Promise<void>;
  /** Begins a run and plays it; resolves with its id once it is being kept. */
  start(asked: Asked): Promise<string>;
  /** Goes on with a kept run. What it told so far is told again first. */
  goOn(run: string): Promise<void>;
  play(): void;
  /** After what is under way. */
  pause(): void;
  /** Plays until the next step of tuning, or the next fact outside of tuning. */
  step(): void;
  /** Saves a checkpoint and ends the run, which `goOn` can take up. */
  stop(): Promise<void>;

  prompt(asked: PromptAsked): Promise<PromptAnswer>;
  attention(node: string, prompt: string): Promise<AttentionPattern>;
  nodeFacts(node: string): Promise<NodeFacts>;

  /** Looks which models an opened run has. Nothing is put on the device before `loadOpened`. */
  openRun(place: RunPlace): Promise<OpenedModels>;
  /** Loads what a method made of the model: questions are about it from now on, until `closeOpened` or a run begins. */
  loadOpened(method: string): Promise<void>;
  closeOpened(): Promise<void>;

  runs(): Promise<readonly KeptRun[]>;
  removeRun(run: string): Promise<void>;
  /** A kept run, or the one of now, as one zip. */
  save(run: string): Promise<Blob>;

  /** Gives device, memory and run back; the worker can be opened again. */
  dispose(): Promise<void>;
}

/** What the worker tells the page. */
export interface Listener {
  status(status: Status): void;
  /** Facts about the run that begins or goes on: forget what was told of another. */
  begin(facts: CheckedFacts): void;
  event(event: RunEvent, found?: Found): void;
  progress(what: string, done: number, of: number): void;
}
