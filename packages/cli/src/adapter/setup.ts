/** Gets this machine a software adapter where it has no GPU: tries the faster one first, and keeps what really computes. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { adapterDir, installed, prepareEnvironment, type Installed, type SoftwareKind } from './installed.js';
import { fetchLavapipe, hasApt } from './lavapipe.js';
import { probe } from './probe.js';
import { fetchSwiftshader, hasSwiftshader } from './swiftshader.js';

interface Way {
  readonly kind: SoftwareKind;
  readonly isPossible: () => boolean;
  readonly announce: string;
  readonly fetch: (dir: string) => Promise<Installed>;
}

const WAYS: readonly Way[] = [
  {
    kind: 'lavapipe',
    isPossible: hasApt,
    announce: 'fetching Mesa lavapipe with apt-get (about 60 MB, nothing is installed on the system)',
    fetch: fetchLavapipe,
  },
  {
    kind: 'swiftshader',
    isPossible: hasSwiftshader,
    announce: 'fetching SwiftShader out of an npm package (70 MB; slower than lavapipe)',
    fetch: fetchSwiftshader,
  },
];

const oneLine = (error: unknown): string => {
  const { message, stderr } = error as Error & { stderr?: string };
  const complaint = stderr?.match(/^(?:E:|npm error) *(.+)$/m)?.[1];
  return (complaint ?? message).split('\n')[0] ?? '';
};

/**
 * Sets up one way. adapter.json is written last, once the adapter has computed, so that a set-up that was cut off counts
 * as none.
 */
async function setUp({ kind, announce, fetch }: Way, say: (line: string) => void): Promise<boolean> {
  say(announce);
  const dir = adapterDir(kind);
  try {
    const adapter = await fetch(dir);
    const found = await probe(adapter);
    if (!found) throw new Error('WebGPU refuses it');
    writeFileSync(join(dir, 'adapter.json'), `${JSON.stringify(adapter, null, 2)}\n`);
    say(`${found.name} works (in ${dir})`);
    return true;
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    say(`${kind} was not to be had: ${oneLine(error)}`);
    return false;
  }
}

export interface SetUpOptions {
  /** Called with one line per step. */
  readonly say: (line: string) => void;
  /** Fetch again what is there already. */
  readonly isForced?: boolean;
  /** Only this kind. */
  readonly kind?: SoftwareKind;
}

/** Makes sure WebGPU has an adapter here. True where it has one afterwards; every step is said in one line. */
export async function setUpAdapter({ say, isForced = false, kind }: SetUpOptions): Promise<boolean> {
  prepareEnvironment();
  const system = await probe().catch(() => null);
  if (system && !system.isSoftware && !kind) {
    say(`${system.name} is there; nothing to set up`);
    return true;
  }
  for (const way of WAYS.filter((it) => it.isPossible() && (!kind || it.kind === kind))) {
    const known = installed(way.kind);
    if (known && !isForced) {
      say(`${known.version} is set up already`);
      return true;
    }
    if (await setUp(way, say)) return true;
  }
  return Boolean(system);
}
