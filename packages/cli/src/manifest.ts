/** The manifest of a run on this machine. */
import { join } from 'node:path';
import { newManifest, type Manifest, type Prepared } from '@circuit-tuning/core';
import { openFile, sha256, sha256File } from './files.js';
import type { GpuInfo } from './gpu.js';
import { version } from './home.js';

/** Of a run that starts now. */
export function manifestHere(prepared: Prepared, info: GpuInfo, argv: readonly string[]): Promise<Manifest> {
  const { name, vendor, backend, isSoftware, features } = info;
  return newManifest(prepared, {
    argv,
    versions: { 'circuit-tuning': version(), node: process.versions.node },
    platform: `${process.platform}-${process.arch}`,
    adapter: { name, vendor, backend, isSoftware, features },
    hashText: (text) => sha256(new TextEncoder().encode(text)),
    // a tokenizer may lie in older files
    hashModelFile: async (file) => {
      const path = join(prepared.base.folder.name, file);
      return (await openFile(path)) && sha256File(path);
    },
    hashData: sha256File,
  });
}
