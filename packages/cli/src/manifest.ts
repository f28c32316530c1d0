/** What a run was made of, so that it can be believed and repeated: versions, adapter, and the hash of every file. */
import { basename, join } from 'node:path';
import { ConfigError, experimentText, type Prepared } from '@circuit-tuning/core';
import { sha256, sha256File } from './files.js';
import type { GpuInfo } from './gpu.js';
import { version } from './home.js';

export interface Manifest {
  readonly format: 'circuit-tuning run 1';
  readonly name: string;
  readonly argv: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
  readonly platform: string;
  readonly adapter: Pick<GpuInfo, 'name' | 'vendor' | 'backend' | 'isSoftware' | 'features'>;
  /** sha256 of every file that a result depends on. */
  readonly experiment: string;
  readonly model: { readonly path: string; readonly files: Readonly<Record<string, string>> };
  readonly data: Readonly<Record<string, string>>;
  readonly started: string;
  readonly resumed: readonly string[];
  readonly ended?: string;
  readonly status: 'running' | 'done' | 'interrupted' | 'failed';
}

/** The manifest of a run that starts now. */
export async function newManifest(
  { experiment, base }: Prepared,
  info: GpuInfo,
  argv: readonly string[],
): Promise<Manifest> {
  const { name, vendor, backend, isSoftware, features } = info;
  const data = Object.values({
    task: experiment.data.task,
    train: experiment.data.train,
    held_out: experiment.data.held_out,
    ...experiment.data.keep,
  });
  const files = ['config.json', 'tokenizer.json'].filter((file) => file === 'config.json' || base.tokenizer);
  const path = base.folder.name;
  const weights = base.weights.files.map(({ source }) => basename(source.name));
  return {
    format: 'circuit-tuning run 1',
    name: experiment.name,
    argv,
    versions: { 'circuit-tuning': version(), node: process.versions.node },
    platform: `${process.platform}-${process.arch}`,
    adapter: { name, vendor, backend, isSoftware, features },
    experiment: await sha256(new TextEncoder().encode(experimentText(experiment))),
    model: { path, files: await hashes([...files, ...weights], path) },
    data: await hashes(data.filter((file) => file !== undefined)),
    started: new Date().toISOString(),
    resumed: [],
    status: 'running',
  };
}

/** @throws ConfigError where a file is no longer what the run was started with. */
export function requireSameFiles(old: Manifest, now: Manifest, where: string): void {
  const before: Record<string, string> = { ...old.model.files, ...old.data };
  for (const [file, hash] of Object.entries({ ...now.model.files, ...now.data })) {
    if (before[file] === hash) continue;
    throw new ConfigError({
      where: `${where}: --resume`,
      rule: `${file} must be what the run was started with`,
      got: `sha256 ${hash.slice(0, 12)}… instead of ${before[file]?.slice(0, 12) ?? 'none'}…`,
      cure: 'Put the old file back, or start a new run',
    });
  }
}

async function hashes(files: readonly string[], folder = ''): Promise<Record<string, string>> {
  const entries: [string, string][] = [];
  for (const file of files) {
    const hash = await sha256File(join(folder, file)).catch((error: unknown) => {
      // A tokenizer may lie in older files.
      if (file === 'tokenizer.json') return undefined;
      throw error;
    });
    if (hash !== undefined) entries.push([file, hash]);
  }
  return Object.fromEntries(entries);
}
