/** The models that experiments can name: the built-in one, those of the user, and those from a hub. */
import { ConfigError, LimitError, openModel, type Folder } from '@circuit-tuning/core';
import { pickedFolder } from '../files.js';
import { download, hubFacts, hubFolder, hubModel, type HubOptions } from '../storage/index.js';
import type { Kept } from './keep.js';
import type { HubFacts, KnownModel, Listener } from './protocol.js';

/** A model that is read from where it lies, for this visit. */
interface Loose {
  readonly known: KnownModel;
  readonly folder: Folder;
}

export class Shelf {
  readonly #kept: Promise<Kept>;
  readonly #hub: HubOptions;
  readonly #onProgress: Listener['progress'];
  readonly #loose = new Map<string, Loose>();
  #download: AbortController | undefined;

  constructor(kept: Promise<Kept>, hub: HubOptions, onProgress: Listener['progress']) {
    this.#kept = kept;
    this.#hub = hub;
    this.#onProgress = onProgress;
  }

  /** Undefined where there is no model of that name here. Nothing is fetched to find out. */
  async open(name: string): Promise<Folder | undefined> {
    const { models } = await this.#kept;
    return this.#loose.get(name)?.folder ?? models?.open(name);
  }

  async list(): Promise<readonly KnownModel[]> {
    const { models } = await this.#kept;
    return [...[...this.#loose.values()].map(({ known }) => known), ...((await models?.list()) ?? [])];
  }

  async add(name: string, files: readonly File[]): Promise<KnownModel> {
    requireFree(name);
    const { models } = await this.#kept;
    try {
      if (models) return await models.add(name, files, { onProgress: this.#told(`keeping ${name}`) });
    } catch (error) {
      // one that does not fit is read from where it lies, for this visit
      if (!(error instanceof LimitError)) throw error;
    }
    const folder = pickedFolder(files, name);
    await openModel(folder); // says what is wrong with it before anything names it
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    return this.#hold({ known: { name, from: 'files', bytes, isKept: false }, folder });
  }

  async remove(name: string): Promise<void> {
    if (this.#loose.delete(name)) return;
    await (await this.#kept).models?.remove(name);
  }

  async facts(id: string): Promise<HubFacts> {
    return hubFacts(await hubModel(id, this.#hub), (await this.#kept).storage);
  }

  async download(id: string): Promise<KnownModel> {
    this.#download?.abort();
    const { signal } = (this.#download = new AbortController());
    const hub = { ...this.#hub, signal };
    const model = await hubModel(id, hub);
    const { storage } = await this.#kept;
    if (storage) return download(model, storage, { ...hub, onProgress: this.#told(`downloading ${id}`) });
    return this.#hold({
      known: { name: id, from: 'hub', bytes: model.bytes, isKept: false },
      folder: hubFolder(model, this.#hub),
    });
  }

  stopDownload(): void {
    this.#download?.abort();
  }

  #told(what: string): (done: number, of: number) => void {
    return (done, of) => this.#onProgress(what, done, of);
  }

  #hold(loose: Loose): KnownModel {
    this.#loose.set(loose.known.name, loose);
    return loose.known;
  }
}

function requireFree(name: string): void {
  if (name !== 'embedded') return;
  throw new ConfigError({
    where: 'model: embedded',
    rule: 'must be another name than that of the built-in model',
    got: 'embedded',
    cure: 'Give the model a name of its own',
  });
}
