/** Runs an experiment file in a page or a worker: the generator that the CLI runs too, fed from addresses. */
import {
  ConfigError,
  memoryKeeper,
  openModel,
  prepareExperiment,
  readExperiment,
  runExperiment,
  type ExperimentFiles,
  type Keeper,
  type Prepared,
  type RunEvent,
  type Sha256,
} from '@circuit-tuning/core';
import { urlFolder, urlSource, type UrlOptions } from './files.js';
import { openBrowserModel } from './browserModel.js';
import { lossBehind, type BrowserGpuOptions } from './gpu.js';

export interface ExperimentUrlOptions extends UrlOptions {
  /** Address of the folder of the model that experiments call 'embedded'. */
  readonly embedded?: string;
  /** `key.key=value`, put over the file. */
  readonly settings?: readonly string[];
}

const absolute = (url: string): string => new URL(url, globalThis.location?.href).href;

/** Hashes with WebCrypto, which browsers give to secure pages and workers. */
export const webSha256: Sha256 = async (bytes) => {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
};

/** Models and files by their addresses. */
export const urlFiles = ({ embedded, ...options }: ExperimentUrlOptions = {}): ExperimentFiles => ({
  async text(url) {
    const source = await urlSource(url, options);
    return new TextDecoder().decode(await source.read(0, source.size));
  },
  async model(name) {
    const url = name === 'embedded' && embedded !== undefined ? absolute(embedded) : name;
    if (URL.canParse(url)) return openModel(urlFolder(url, options));
    throw new ConfigError({
      where: `model: ${name}`,
      rule: 'must be an address in a browser, or a path that begins with ./',
      got: 'neither',
      cure: 'Serve the folder of the model, and give its address',
    });
  },
});

/**
 * Reads the experiment at an address; its paths are relative to it.
 * @throws FileError, ConfigError, WeightError or TaskError.
 */
export async function openExperiment(url: string, options: ExperimentUrlOptions = {}): Promise<Prepared> {
  const { settings = [] } = options;
  const files = urlFiles(options);
  const name = absolute(url);
  const resolve = (path: string): string => new URL(path, name).href;
  return prepareExperiment(readExperiment(await files.text(name), { name, resolve, settings }), files);
}

export interface RunInPageOptions extends BrowserGpuOptions {
  /** Where circuits, checkpoints and models go. Default: memory, which is gone with the page. */
  readonly keeper?: Keeper;
  /** Ends the run: tuning after the step it is in and a checkpoint, all else at once. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (what: string, done: number, of: number) => void;
}

/**
 * Runs what `openExperiment` gave, and yields each event once it is kept. With the keeper of an earlier run it goes on from
 * that run's last checkpoint.
 * @throws BrowserGpuError where the browser gives no device, or takes it away.
 */
export async function* runInPage(prepared: Prepared, options: RunInPageOptions = {}): AsyncGenerator<RunEvent> {
  const {
    keeper = memoryKeeper(webSha256),
    signal = new AbortController().signal,
    onProgress,
    ...gpuOptions
  } = options;
  const opened = await openBrowserModel(prepared.base, {
    ...gpuOptions,
    precision: prepared.experiment.precision,
    dtype: prepared.experiment.dtype,
    onProgress: (done, of) => onProgress?.('loading the model', done, of),
  });
  try {
    yield* runExperiment({ model: opened.model, prepared, keeper, signal, ...(onProgress && { onProgress }) });
  } catch (error) {
    throw await lossBehind(error, opened.gpu);
  } finally {
    opened.dispose();
  }
}
