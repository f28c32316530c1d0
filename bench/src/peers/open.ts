/**
 * The libraries that this project is compared with. They are no dependencies of it: bench/peers has a package.json of its
 * own, installed when it is first needed, and modules that Node imports from there.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ProductSize } from '../product.js';

/** A GPT-2 and the batch it trains on. */
export interface PeerShape {
  readonly L: number;
  readonly D: number;
  readonly H: number;
  readonly F: number;
  readonly V: number;
  readonly B: number;
  readonly T: number;
}

type Run = () => Promise<unknown>;

/** What a module of bench/peers opens. What it returns runs once a call, and has waited for the device then. */
export interface Peer {
  /** y [M, N] = a [M, K] · b [K, N], in f32. */
  matmul(size: ProductSize): Run | Promise<Run>;
  /** A step of Adam on all parameters, giving the loss; absent where the library has no gradients. */
  step?(shape: PeerShape): Run;
}

export const peerNames = ['jax', 'tfjs', 'onnx'] as const;
export type PeerName = (typeof peerNames)[number];

// seen from the bundle, packages/cli/.checkout/bench.js, and from here: both lie as deep
const place = (path: string): URL => new URL(`../../../${path}`, import.meta.url);

/** @throws Error with one line where a registry is needed and not to be had. */
async function install(say: (line: string) => void): Promise<void> {
  if (existsSync(place('bench/peers/node_modules/.modules.yaml'))) return;
  say(
    'fetching what is compared with: jax-js, TensorFlow.js and ONNX Runtime Web (300 MB on disk, in bench/peers only)',
  );
  const { ensurePnpm } = (await import(place('scripts/pnpm.mjs').href)) as { ensurePnpm(): { entry: string } };
  // under another dynamic linker, Node's own path names that linker
  const node = process.env['npm_node_execpath'] ?? process.execPath;
  const folder = fileURLToPath(place('bench/peers'));
  const args = [ensurePnpm().entry, 'install', '--dir', folder, '--frozen-lockfile', '--silent'];
  const { status } = spawnSync(node, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error('bench/peers could not be installed: check the connection to your npm registry');
}

interface Shim {
  provideNavigator(gpu: GPU): void;
  acceptSharedMemory(): void;
}

/** Opens each that can be opened; says why of the others. All of them take the adapter that `gpu` offers first. */
export async function openPeers(
  gpu: GPU,
  names: readonly PeerName[],
  say: (line: string) => void,
): Promise<Map<PeerName, Peer>> {
  const peers = new Map<PeerName, Peer>();
  try {
    await install(say);
    const module = async (name: string): Promise<unknown> => import(place(`bench/peers/${name}.mjs`).href);
    const shim = (await module('shim')) as Shim;
    shim.provideNavigator(gpu);
    shim.acceptSharedMemory();
    for (const name of names) {
      try {
        peers.set(name, await ((await module(name)) as { open(): Promise<Peer> }).open());
      } catch (error) {
        say(`${name} is left out: ${message(error)}`);
      }
    }
  } catch (error) {
    say(`nothing is compared with: ${message(error)}`);
  }
  return peers;
}

export const message = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
