/**
 * What the names in an experiment stand for: files that the user gave, else built-in ones; the built-in model, else one
 * that was added or downloaded. Nothing is fetched but what is built in.
 */
import {
  ConfigError,
  openModel,
  prepareExperiment,
  readExperiment,
  type ExperimentFiles,
  type Folder,
  type Prepared,
  type Source,
} from '@circuit-tuning/core';
import { blobSource, wholeFile, type UrlOptions } from '../files.js';
import type { Asked } from './protocol.js';

/** What the built-in model is made of. Nothing else is asked for: each miss would stand in the console as an error. */
const MODEL_FILES: ReadonlySet<string> = new Set([
  'config.json',
  'model.safetensors',
  'tokenizer.json',
  'tokenizer_config.json',
]);

/** `./a/../b\c` as `a/b/c`: a run keeps the files it was given below itself, under the names that its experiment uses. */
export const plainPath = (path: string): string =>
  path
    .split(/[\\/]/)
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .join('/');

const textOf = async (source: Source): Promise<string> => new TextDecoder().decode(await source.read(0, source.size));

/** The built-in folder; each file is fetched once. */
export class EmbeddedFiles {
  readonly #url: string;
  readonly #options: UrlOptions;
  readonly #files = new Map<string, Promise<Source | undefined>>();

  /** `url` ends in a slash. */
  constructor(url: string, options: UrlOptions = {}) {
    this.#url = url;
    this.#options = options;
  }

  open(path: string): Promise<Source | undefined> {
    let file = this.#files.get(path);
    if (!file) {
      file = wholeFile(this.#url + path.split('/').map(encodeURIComponent).join('/'), this.#options);
      // a server that was away may be back
      file.catch(() => this.#files.delete(path));
      this.#files.set(path, file);
    }
    return file;
  }

  readonly model: Folder = {
    name: 'embedded',
    open: async (file) => (MODEL_FILES.has(file) ? this.open(`model/${file}`) : undefined),
  };
}

/** Files that the user gave, by the path they lay under. They are read when they are needed, never copied. */
export class GivenFiles {
  readonly #files = new Map<string, File>();

  add(files: Iterable<{ readonly path: string; readonly file: File }>): void {
    for (const { path, file } of files) this.#files.set(plainPath(path), file);
  }

  /** By its path, else by its bare name where only one file is called so: a picked file has lost its folder. */
  async open(path: string): Promise<Source | undefined> {
    const exact = this.#files.get(path);
    if (exact) return blobSource(exact);
    const bare = (it: string): string => it.slice(it.lastIndexOf('/') + 1);
    const alike = [...this.#files].filter(([given]) => bare(given) === bare(path));
    return alike.length === 1 ? blobSource(alike[0]![1]) : undefined;
  }
}

export interface Places {
  /** Looked at in order for data files. */
  readonly data: readonly { open(path: string): Promise<Source | undefined> }[];
  readonly embedded: EmbeddedFiles;
  /** A model that was added or downloaded; undefined where there is none of that name. */
  readonly model: (name: string) => Promise<Folder | undefined>;
}

export interface Opened {
  readonly prepared: Prepared;
  /** Text of each data file, by the path that the experiment gives. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * Reads an experiment and all that it names.
 * @throws ConfigError, TaskError, WeightError, FileError.
 */
export async function openAsked({ text, settings = [] }: Asked, places: Places): Promise<Opened> {
  const texts = new Map<string, string>();
  const files: ExperimentFiles = {
    async text(path) {
      const known = texts.get(path);
      if (known !== undefined) return known;
      for (const place of places.data) {
        const source = await place.open(path);
        if (!source) continue;
        const found = await textOf(source);
        texts.set(path, found);
        return found;
      }
      throw new ConfigError({
        where: path,
        rule: 'must be a file that you gave, or one that is built in',
        got: 'neither',
        cure: 'Add the file, by dropping it on the page for instance, or correct its name in the experiment',
      });
    },
    async model(name) {
      const folder = name === 'embedded' ? places.embedded.model : await places.model(name);
      if (folder) return openModel(folder);
      throw unknownModel(name);
    },
  };
  const experiment = readExperiment(text, { name: 'experiment', resolve: plainPath, settings });
  for (const where of ['precision', 'dtype'] as const) {
    if (experiment[where] !== 'f16') continue;
    throw new ConfigError({
      where,
      rule: 'takes effect where a run opens its device',
      got: "'f16' in the lab, whose model is on the device already",
      cure: 'Leave it out, or run the experiment with `circuit-tuning run`',
    });
  }
  return { prepared: await prepareExperiment(experiment, files), texts };
}

const unknownModel = (name: string): ConfigError =>
  new ConfigError({
    where: `model: ${name}`,
    rule: "must be 'embedded', or a model that was added or downloaded here",
    got: 'a model that is not here',
    cure: /^[\w.-]+\/[\w.-]+$/.test(name)
      ? 'Download it from the hub first, or add its folder'
      : 'Add its folder, or download one from the hub',
  });
