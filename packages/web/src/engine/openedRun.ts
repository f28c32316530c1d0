/** A run from files whose models are asked: the base that it names, if that is here, and what each method made of it. */
import {
  DELTA,
  ConfigError,
  keptText,
  nodesFor,
  openModel,
  readDelta,
  readExperiment,
  type Experiment,
  type Folder,
  type Model,
} from '@circuit-tuning/core';
import { lossBehind, type BrowserGpu } from '../gpu.js';
import type { RunFiles } from '../record/files.js';
import { webSha256 } from '../run.js';
import { plainPath } from './experimentFiles.js';
import { giveBack, place, type Placed } from './placed.js';
import type { OpenedModels } from './protocol.js';
import type { Asking } from './questions.js';
import { Turns } from './turns.js';

/** Where a method's model lies in the run, and what of the two ways it is. */
interface Tuned {
  readonly kind: 'delta' | 'model';
  /** A folder of the run. */
  readonly folder: string;
}

interface OnDevice {
  readonly model: Model;
  readonly now: Placed;
  readonly base: Placed | undefined;
  readonly version: number;
}

export class OpenedRun {
  readonly #files: RunFiles;
  readonly #experiment: Experiment;
  readonly #base: Model | undefined;
  readonly #tuned: ReadonlyMap<string, Tuned>;
  readonly #turns = new Turns();
  #loaded: OnDevice | undefined;
  #gpu: BrowserGpu | undefined;
  #version = 0;

  private constructor(
    files: RunFiles,
    experiment: Experiment,
    base: Model | undefined,
    tuned: ReadonlyMap<string, Tuned>,
  ) {
    this.#files = files;
    this.#experiment = experiment;
    this.#base = base;
    this.#tuned = tuned;
  }

  /**
   * Looks what there is; nothing is put on the device.
   * @param baseNamed finds the model that an experiment names; undefined where it is not here.
   * @throws ConfigError where the run does not say what it was.
   */
  static async open(
    files: RunFiles,
    baseNamed: (name: string) => Promise<Folder | undefined>,
  ): Promise<{ run: OpenedRun; models: OpenedModels }> {
    const text = await keptText(files, 'experiment.yaml');
    if (text === undefined)
      throw new ConfigError({
        where: files.name,
        rule: 'must say of which model it was, in experiment.yaml',
        got: 'no such file',
        cure: 'Copy it from where the run was made',
      });
    const experiment = readExperiment(text, { name: `${files.name}/experiment.yaml`, resolve: plainPath });
    const folder = await baseNamed(experiment.model);
    const base = folder && (await openModel(folder));
    const methods = experiment.tuning?.methods ?? [];
    const tuned = new Map<string, Tuned>();
    for (const method of methods) {
      const found = await tunedIn(
        files,
        methods.length === 1 ? [`/${method}`, ''] : [`/${method}`],
        base !== undefined,
      );
      if (found) tuned.set(method, found);
    }
    const run = new OpenedRun(files, experiment, base, tuned);
    const missing = await whatIsMissing(files, experiment, tuned, base !== undefined);
    return { run, models: { methods: [...tuned.keys()], ...(missing !== undefined && { missing }) } };
  }

  /** Whether questions are for it: it was loaded, even where the device was lost since. */
  get isAsked(): boolean {
    return this.#gpu !== undefined;
  }

  /** @throws WeightError where a file is damaged, or of another base; LimitError where the device is too small. */
  load(method: string, gpu: BrowserGpu): Promise<void> {
    return this.#turns.take(async () => {
      this.#drop();
      this.#gpu = gpu;
      const model = await this.#read(method);
      const now = await place(gpu, model);
      try {
        const base = this.#base && (await place(gpu, this.#base));
        this.#loaded = { model, now, base, version: ++this.#version };
      } catch (error) {
        giveBack(now);
        throw error;
      }
    });
  }

  /** One question after the other: programs of a session share memory. */
  ask<T>(question: (asking: Asking) => Promise<T>): Promise<T> {
    return this.#turns.take(async () => {
      if (!this.#loaded) throw gone(this.#files.name);
      const { model, now, base, version } = this.#loaded;
      try {
        return await question({
          nodes: nodesFor(model, this.#experiment.discovery),
          tokenizer: model.tokenizer,
          now: now.model,
          base: base?.model,
          step: this.#experiment.tuning?.steps ?? 0,
          version,
        });
      } catch (error) {
        throw await lossBehind(error, this.#gpu!);
      }
    });
  }

  /** Gives its memory on the device back. */
  close(): Promise<void> {
    return this.#turns.take(async () => this.#drop());
  }

  #drop(): void {
    for (const placed of [this.#loaded?.now, this.#loaded?.base]) if (placed) giveBack(placed);
    this.#loaded = undefined;
  }

  async #read(method: string): Promise<Model> {
    const { kind, folder } = this.#tuned.get(method)!;
    if (kind === 'model') return openModel(folderIn(this.#files, folder));
    const base = this.#base!;
    const source = (await this.#files.open(`${folder}/${DELTA}`))!;
    return openModel(base.folder, { overlay: await readDelta(source, base.weights, webSha256) });
  }
}

const gone = (where: string): ConfigError =>
  new ConfigError({
    where,
    rule: 'its model must be on the device to be asked',
    got: 'a device that was lost',
    cure: 'Load it again under “Try it”',
  });

const folderIn = (files: RunFiles, path: string): Folder => ({
  name: `${files.name}/${path}`,
  open: (file) => files.open(`${path}/${file}`),
});

/** The small file first: it knows by hash whether the base is the one. */
async function tunedIn(files: RunFiles, places: readonly string[], hasBase: boolean): Promise<Tuned | undefined> {
  for (const at of places)
    if (hasBase && (await files.list(`delta${at}`)).includes(DELTA)) return { kind: 'delta', folder: `delta${at}` };
  for (const at of places)
    if ((await files.list(`model${at}`)).includes('config.json')) return { kind: 'model', folder: `model${at}` };
  return undefined;
}

async function whatIsMissing(
  files: RunFiles,
  { model, tuning }: Experiment,
  tuned: ReadonlyMap<string, Tuned>,
  hasBase: boolean,
): Promise<string | undefined> {
  if (!tuning) return 'Nothing was tuned in this run, so there is no model but the base.';
  const without = tuning.methods.filter((method) => !tuned.has(method));
  const name = model.split(/[\\/]/).findLast((part) => part !== '') ?? model;
  const noBase = `The base model, ${name}, is not here`;
  if (without.length === 0) return hasBase ? undefined : `${noBase}: the tuned one answers alone.`;
  const hasDelta = (await files.list('delta')).length > 0;
  if (hasDelta && !hasBase)
    return `${noBase}, and the run has of ${without.join(', ')} only what differs from it (delta). Add that model in step 1 of “Your own model and task”, then open the run again.`;
  return `The run has no model of ${without.join(', ')}, neither under delta nor under model: a method leaves them when it is done.`;
}
