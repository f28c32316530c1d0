/** A run as one file that the page saves and the CLI opens, and the other way round. */
import type { RunFiles } from './files.js';

export interface ZipOptions {
  /** Checkpoints too, with which the run can go on: several times the size. Default: without. */
  readonly checkpoints?: boolean;
}

/** @throws LimitError beyond 4 GiB, which zip files without extensions cannot hold. */
export async function zipRun(files: RunFiles, options: ZipOptions = {}): Promise<Blob> {
  throw new Error(`not here yet: ${files.name} ${String(options.checkpoints)}`);
}

/** @throws ConfigError where it is no zip, is cut off, leads out of its folder, or holds no run. */
export async function unzipRun(zip: Blob | Uint8Array<ArrayBuffer>, name: string): Promise<RunFiles> {
  throw new Error(`not here yet: ${name} ${String(zip)}`);
}
