/**
 * The software adapter that the set-up keeps for this user, and how to make this process see it.
 * A folder `<cache>/adapter/<kind>` holds the driver, everything it needs beyond libc, and adapter.json.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { keepLibraries, setVariable } from './native.js';

export type SoftwareKind = 'lavapipe' | 'swiftshader';

/** The faster one first: lavapipe is 5 to 10 times SwiftShader. */
export const SOFTWARE_KINDS: readonly SoftwareKind[] = ['lavapipe', 'swiftshader'];

export interface Installed {
  readonly kind: SoftwareKind;
  /** e.g. 'Mesa 25.0.7-2'. */
  readonly version: string;
  /** File name of the Vulkan driver manifest inside the folder. */
  readonly manifest: string;
  /** File names of the libraries to load, dependencies first. */
  readonly libraries: readonly string[];
}

/** CIRCUIT_TUNING_CACHE, else $XDG_CACHE_HOME/circuit-tuning, else ~/.cache/circuit-tuning. */
const cacheDir = (): string =>
  process.env['CIRCUIT_TUNING_CACHE'] ||
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'circuit-tuning');

export const adapterDir = (kind: SoftwareKind): string => join(cacheDir(), 'adapter', kind);

/** The adapter.json of one kind, or undefined where it was never set up or its set-up was cut off. */
export function installed(kind: SoftwareKind): Installed | undefined {
  const dir = adapterDir(kind);
  let facts: Installed;
  try {
    facts = JSON.parse(readFileSync(join(dir, 'adapter.json'), 'utf8')) as Installed;
  } catch {
    return undefined;
  }
  return [facts.manifest, ...facts.libraries].every((file) => existsSync(join(dir, file))) ? facts : undefined;
}

/** True where the user has chosen Vulkan drivers by hand; such a choice is never overruled. One from here is none. */
export function isDriverChosen(): boolean {
  const chosen = process.env['VK_DRIVER_FILES'] || process.env['VK_ICD_FILENAMES'];
  return Boolean(chosen) && !chosen?.startsWith(join(cacheDir(), 'adapter'));
}

/**
 * Points Vulkan of this process at an installed software adapter. Only WebGPU instances created afterwards see it.
 * Libraries whose name this process has loaded already are left alone: two copies of one library in a process collide.
 */
export function activate(adapter: Installed): void {
  const dir = adapterDir(adapter.kind);
  const maps = readFileSync('/proc/self/maps', 'utf8');
  const isLoaded = (file: string): boolean => maps.includes(`/${basename(file)}\n`);
  keepLibraries(adapter.libraries.filter((file) => !isLoaded(file)).map((file) => join(dir, file)));
  // the second name is for Vulkan loaders before 1.3.207
  for (const name of ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES']) setVariable(name, join(dir, adapter.manifest));
}

/** Mesa warns without a runtime folder, and compiles every shader again without a place to keep them. */
export function prepareEnvironment(): void {
  if (process.platform !== 'linux') return;
  const dir = join(cacheDir(), 'adapter');
  try {
    if (!process.env['XDG_RUNTIME_DIR']) {
      mkdirSync(join(dir, 'run'), { recursive: true, mode: 0o700 });
      setVariable('XDG_RUNTIME_DIR', join(dir, 'run'));
    }
    if (!process.env['MESA_SHADER_CACHE_DIR']) {
      mkdirSync(join(dir, 'shaders'), { recursive: true });
      setVariable('MESA_SHADER_CACHE_DIR', join(dir, 'shaders'));
    }
  } catch {
    // an unwritable cache costs warnings and compile time, nothing else
  }
}
