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
  /** Be content with what is set up, even where a faster one might be had. */
  readonly isContent?: boolean;
  /** Only this kind. */
  readonly kind?: SoftwareKind;
}

/** Makes sure WebGPU has an adapter here. True where it has one afterwards; every step is said in one line. */
export async function setUpAdapter(options: SetUpOptions): Promise<boolean> {
  const { say, isForced = false, isContent = false, kind } = options;
  prepareEnvironment();
  const system = await probe().catch(() => null);
  // a system with a lavapipe that WebGPU takes has no need of ours
  if (system && !kind && (!system.isSoftware || /llvmpipe/.test(system.name))) {
    say(`${system.name} is there; nothing to set up`);
    return true;
  }
  const ways = WAYS.filter((way) => way.isPossible() && (!kind || way.kind === kind));
  const known = isForced ? [] : ways.map((way) => installed(way.kind));
  const best = known.find((adapter) => adapter && (isContent || adapter.kind === ways[0]?.kind));
  if (best) {
    say(`${best.version} is set up already`);
    return true;
  }
  for (const [i, way] of ways.entries()) {
    if (known[i] || (await setUp(way, say))) return true;
  }
  return Boolean(system);
}
