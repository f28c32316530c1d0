/** What a run of the page was made of: the same words as the CLI's manifest. */
import { ConfigError, textFile, type Keeper, type OutputFile, type Prepared, type Source } from '@circuit-tuning/core';
import type { BrowserGpu } from '../gpu.js';
import { webSha256 } from '../run.js';

/** A file above this is not hashed: WebCrypto wants all of it in memory at once. */
const MOST_HASHED = 256 * 2 ** 20;

export interface Manifest {
  readonly format: 'circuit-tuning run 1';
  readonly name: string;
  readonly argv: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
  readonly platform: string;
  readonly adapter: {
    readonly name: string;
    readonly vendor: string;
    readonly backend: string;
    readonly isSoftware: boolean;
    readonly features: readonly string[];
  };
  /** sha256 of every file that a result depends on. */
  readonly experiment: string;
  readonly model: { readonly path: string; readonly files: Readonly<Record<string, string>> };
  readonly data: Readonly<Record<string, string>>;
  readonly started: string;
  readonly resumed: readonly string[];
  readonly ended?: string;
  readonly status: 'running' | 'done' | 'interrupted' | 'failed';
}

export interface ManifestParts {
  readonly prepared: Prepared;
  readonly gpu: BrowserGpu;
  /** Text of experiment.yaml, and of the data files by their paths. */
  readonly experiment: string;
  readonly texts: ReadonlyMap<string, string>;
}

const hashText = (text: string): Promise<string> => webSha256(new TextEncoder().encode(text));

export async function newManifest({ prepared, gpu, experiment, texts }: ManifestParts): Promise<Manifest> {
  const { base } = prepared;
  const sources = [...base.weights.files.map(({ source }) => source), await base.folder.open('tokenizer.json')].filter(
    (source): source is Source => source !== undefined && source.size <= MOST_HASHED,
  );
  const files: Record<string, string> = { 'config.json': await hashText(base.configText) };
  for (const { name, size, read } of sources) {
    const bytes = Uint8Array.from(await read(0, size));
    files[name.slice(name.lastIndexOf('/') + 1)] = await webSha256(bytes);
  }
  const data: Record<string, string> = {};
  for (const [path, text] of texts) data[path] = await hashText(text);
  const { name, isSoftware, adapter } = gpu;
  return {
    format: 'circuit-tuning run 1',
    name: prepared.experiment.name,
    argv: [],
    versions: {},
    platform: navigator.userAgent,
    adapter: { name, vendor: adapter.info.vendor, backend: 'browser', isSoftware, features: [...adapter.features] },
    experiment: await hashText(experiment),
    model: { path: base.folder.name, files },
    data,
    started: new Date().toISOString(),
    resumed: [],
    status: 'running',
  };
}

const FILE = 'manifest.json';

export const manifestFile = (manifest: Manifest): OutputFile =>
  textFile(FILE, `${JSON.stringify(manifest, null, 2)}\n`);

export async function keptManifest(keeper: Pick<Keeper, 'open'>): Promise<Manifest | undefined> {
  const source = await keeper.open(FILE);
  if (!source) return undefined;
  return JSON.parse(new TextDecoder().decode(await source.read(0, source.size))) as Manifest;
}

/** @throws ConfigError where a model is no longer what the run was started with. */
export function requireSameModel(old: Manifest, now: Manifest): void {
  for (const [file, hash] of Object.entries(now.model.files)) {
    const before = old.model.files[file];
    if (before === undefined || before === hash) continue;
    throw new ConfigError({
      where: `model: ${now.model.path}`,
      rule: `${file} must be what the run was started with`,
      got: `sha256 ${hash.slice(0, 12)}… instead of ${before.slice(0, 12)}…`,
      cure: 'Add the old model under this name, or start a new run',
    });
  }
}
