/** The C functions that Node lacks, through koffi. Linux only: elsewhere WebGPU needs no help from here. */
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';

type Koffi = typeof import('koffi');

let loaded: Koffi | null | undefined;

/** koffi, or null where it has no build for this machine: callers then do without. */
function koffi(): Koffi | null {
  if (loaded === undefined) {
    try {
      loaded = createRequire(import.meta.url)('koffi') as Koffi;
    } catch {
      loaded = null;
    }
  }
  return loaded;
}

/** Sets a variable for this process. A worker thread's process.env is a copy that C code never sees, hence setenv. */
export function setVariable(name: string, value: string): void {
  process.env[name] = value;
  if (isMainThread || process.platform !== 'linux') return;
  const setenv = koffi()?.load('libc.so.6').func('int setenv(const char *, const char *, int)');
  (setenv as ((name: string, value: string, overwrite: number) => number) | undefined)?.(name, value, 1);
}

const kept: unknown[] = [];

/** Loads shared libraries for the life of the process; later dlopen calls find them by their SONAME. */
export function keepLibraries(paths: readonly string[]): void {
  const lib = koffi();
  if (!lib) throw new Error('koffi has no build for this machine');
  for (const path of paths) kept.push(lib.load(path));
}

/**
 * Runs `task` with the process's stderr closed. Dawn and Vulkan drivers write several lines there while they look for
 * adapters (limits they reduce, drivers they refuse), which mean nothing to a reader. CIRCUIT_TUNING_DEBUG=1 shows them.
 */
export async function quietly<T>(task: () => Promise<T>): Promise<T> {
  const lib = process.platform === 'linux' && !process.env['CIRCUIT_TUNING_DEBUG'] ? koffi() : null;
  if (!lib) return task();
  const libc = lib.load('libc.so.6');
  const dup = libc.func('int dup(int)') as (fd: number) => number;
  const dup2 = libc.func('int dup2(int, int)') as (from: number, to: number) => number;
  const open = libc.func('int open(const char *, int)') as (path: string, flags: number) => number;
  const close = libc.func('int close(int)') as (fd: number) => number;
  const saved = dup(2);
  if (saved < 0) return task();
  const sink = open('/dev/null', 1);
  if (sink >= 0) dup2(sink, 2);
  try {
    return await task();
  } finally {
    dup2(saved, 2);
    close(saved);
    if (sink >= 0) close(sink);
  }
}
