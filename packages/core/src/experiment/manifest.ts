/**
 * manifest.json: what a run was made of, so that it can be believed, repeated and gone on with: versions, adapter, and the
 * hash of every file. It is the same file wherever a run is kept; only hashing and the names of things are the runtime's.
 */
import { ConfigError } from '../errors.js';
import type { Precision } from '../kernel.js';
import type { WeightDType } from '../model/parameters.js';
import { textFile, type OutputFile } from '../io/hfExport.js';
import { experimentText } from './effects.js';
import type { RunEvent } from './events.js';
import { keptText, type Keeper } from './keeper.js';
import type { Prepared } from './prepared.js';

const FILE = 'manifest.json';

export interface AdapterFacts {
  readonly name: string;
  readonly vendor: string;
  /** `vulkan`, `metal`, `d3d12`, or `browser`. */
  readonly backend: string;
  readonly isSoftware: boolean;
  readonly features: readonly string[];
}

export interface Manifest {
  readonly format: 'circuit-tuning run 1';
  readonly name: string;
  readonly argv: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
  readonly platform: string;
  readonly adapter: AdapterFacts;
  /** Of the operands of products; an older manifest says nothing of it and means f32. */
  readonly precision?: Precision;
  /** Of the weights on the device; an older manifest means f32 here too. */
  readonly dtype?: WeightDType;
  /** sha256 of every file that a result depends on, or `not hashed`. */
  readonly experiment: string;
  readonly model: { readonly path: string; readonly files: Readonly<Record<string, string>> };
  readonly data: Readonly<Record<string, string>>;
  readonly started: string;
  readonly resumed: readonly string[];
  readonly ended?: string;
  readonly status: 'running' | 'done' | 'interrupted' | 'failed';
}

/** In place of a hash, of a file that is too large to be hashed here; it is the same as any. */
export const NOT_HASHED = 'not hashed';

export interface ManifestFacts extends Pick<Manifest, 'argv' | 'versions' | 'platform' | 'adapter'> {
  /** sha256 of a text, lower-case hex. */
  readonly hashText: (text: string) => Promise<string>;
  /** The same of a file of the model's folder, or of a data file by the path that the experiment gives; undefined where there is none. */
  readonly hashModelFile: (name: string) => Promise<string | undefined>;
  readonly hashData: (path: string) => Promise<string | undefined>;
}

/** The manifest of a run that starts now. */
export async function newManifest({ experiment, base }: Prepared, facts: ManifestFacts): Promise<Manifest> {
  const { argv, versions, platform, adapter } = facts;
  const { task, train, held_out: heldOut, keep, prejudice = {}, graded = {} } = experiment.data;
  const toGrade = Object.values(graded).map((of) => of.task);
  const data = [task, train, heldOut, ...Object.values(keep), ...Object.values(prejudice), ...toGrade].filter(
    (path) => path !== undefined,
  );
  const weights = base.weights.files.map(({ source }) => source.name.slice(source.name.search(/[^/\\]*$/)));
  const files = ['config.json', ...(base.tokenizer ? ['tokenizer.json'] : []), ...weights];
  return {
    format: 'circuit-tuning run 1',
    name: experiment.name,
    argv,
    versions,
    platform,
    adapter,
    precision: experiment.precision ?? 'f32',
    dtype: experiment.dtype ?? 'f32',
    experiment: await facts.hashText(experimentText(experiment)),
    model: { path: base.folder.name, files: await hashes(files, facts.hashModelFile) },
    data: await hashes(data, facts.hashData),
    started: new Date().toISOString(),
    resumed: [],
    status: 'running',
  };
}

/** The manifest of a run that goes on now. */
export const resumedManifest = (old: Manifest, fresh: Manifest): Manifest => ({
  ...fresh,
  started: old.started,
  resumed: [...old.resumed, fresh.started],
});

/**
 * @param resolve makes a path of the old manifest one of the new: runs that were kept elsewhere name files in other ways.
 * @throws ConfigError where a file is no longer what the run was started with.
 */
export function requireSameFiles(
  old: Manifest,
  now: Manifest,
  { where, resolve = (path) => path }: { where: string; resolve?: (path: string) => string },
): void {
  const data = Object.entries(old.data).map(([path, hash]) => [resolve(path), hash] as const);
  const before: Readonly<Record<string, string>> = { ...old.model.files, ...Object.fromEntries(data) };
  for (const [file, hash] of Object.entries({ ...now.model.files, ...now.data })) {
    const known = before[file];
    if (known === hash || (known !== undefined && [known, hash].includes(NOT_HASHED))) continue;
    throw new ConfigError({
      where,
      rule: `${file} must be what the run was started with`,
      got: `sha256 ${hash.slice(0, 12)}… instead of ${known?.slice(0, 12) ?? 'none'}…`,
      cure: 'Put the old file back, or start a new run',
    });
  }
}

/** What must be said where a run goes on elsewhere: bits repeat on one device only. Undefined where nothing changed. */
export function adapterNotice(old: Manifest, now: Manifest): string | undefined {
  const of = ({ adapter: { name, vendor, backend } }: Manifest): string => `${name} (${[vendor, backend].join(', ')})`;
  if (of(old) === of(now)) return undefined;
  return (
    `this run was on ${of(old)} and goes on on ${of(now)}: ` +
    'it is as good, but numbers may differ in their last digits from those of an uninterrupted run'
  );
}

/** Absent where a run ended before it began. */
export async function keptManifest(keeper: Pick<Keeper, 'open'>): Promise<Manifest | undefined> {
  const text = await keptText(keeper, FILE);
  return text === undefined ? undefined : (JSON.parse(text) as Manifest);
}

const manifestFile = (manifest: Manifest): OutputFile => textFile(FILE, `${JSON.stringify(manifest, null, 2)}\n`);

/**
 * Passes a run's events on, and keeps its manifest: before the first event as `running`, and however it ends with how it
 * ended. Whoever stops asking for events (`return`) interrupts it as an aborted signal does.
 */
export async function* withManifest(
  events: AsyncGenerator<RunEvent>,
  { keeper, manifest, signal }: { keeper: Keeper; manifest: Manifest; signal: AbortSignal },
): AsyncGenerator<RunEvent> {
  const end = (status: Manifest['status']): Promise<void> =>
    keeper.write([manifestFile({ ...manifest, status, ended: new Date().toISOString() })]);
  await keeper.write([manifestFile(manifest)]);
  let isTold = false;
  try {
    yield* events;
    await end('done');
    isTold = true;
  } catch (error) {
    isTold = true;
    // why the run ended says more than that it could not be noted
    await end(signal.aborted ? 'interrupted' : 'failed').catch(() => {});
    throw error;
  } finally {
    if (!isTold) await end('interrupted');
  }
}

async function hashes(
  names: readonly string[],
  hash: (name: string) => Promise<string | undefined>,
): Promise<Record<string, string>> {
  const entries: [string, string][] = [];
  for (const name of names) {
    const known = await hash(name);
    if (known !== undefined) entries.push([name, known]);
  }
  return Object.fromEntries(entries);
}
