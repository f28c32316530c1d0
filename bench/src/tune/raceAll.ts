/** Races calls until none is left or the time is up. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Gpu } from '@circuit-tuning/testkit';
import { title, type Work } from '../kernels/work.js';
import { costOf, isAlike } from './calls.js';
import { choicesOf } from './choices.js';
import type { Kept } from './kept.js';
import { race } from './race.js';

export interface Asked {
  readonly minutes: number;
  readonly rounds: number;
  readonly say: (line: string) => void;
}

/** @returns how many calls are left for another run */
export async function raceAll(
  gpu: Gpu,
  calls: readonly Work[],
  kept: Kept,
  { minutes, rounds, say }: Asked,
): Promise<number> {
  const open = calls.filter((call) => !kept.isKnown(call));
  say(`${calls.length} calls, ${calls.length - open.length} known from before`);
  const start = performance.now();
  const sum = (some: readonly Work[]): number => some.reduce((total, call) => total + costOf(call), 0);
  for (const [i, call] of open.entries()) {
    const passed = (performance.now() - start) / 60_000;
    if (passed >= minutes) return open.length - i;
    const left =
      i === 0 ? '' : `, about ${((passed * sum(open.slice(i))) / sum(open.slice(0, i))).toFixed(1)} min left`;
    say(`${i + 1} of ${open.length}${left}: ${call.op} ${call.pass} ${title(call.case)}`);
    const hopeless = kept.hopeless(call);
    kept.add(call, await race(gpu, call, rounds, hopeless), hopeless);
  }
  await raceWinnersAgain(gpu, calls, kept, { rounds, say });
  return 0;
}

/** A kernel that beat the rules' must do so twice: among hundreds of races some are won by chance. */
async function raceWinnersAgain(
  gpu: Gpu,
  calls: readonly Work[],
  kept: Kept,
  { rounds, say }: Pick<Asked, 'rounds' | 'say'>,
): Promise<void> {
  for (const choice of choicesOf(kept.calls).filter(({ better }) => better !== undefined))
    for (const known of choice.calls) {
      const call = calls.find(
        (it) => it.op === known.op && it.pass === known.pass && isAlike(known.dims, it.case.dims),
      );
      if (!call) continue;
      say(`once more: ${call.op} ${call.pass} ${title(call.case)}`);
      kept.again(known, await race(gpu, call, rounds, new Set(known.dropped)));
    }
}

/**
 * Runs `use` with Mesa's cache of shaders in a folder of its own, empty at first: what opening a kernel takes is then what
 * compiling takes. To be called before the driver is loaded.
 */
export async function withNewShaderCache<R>(use: () => Promise<R>): Promise<R> {
  const folder = mkdtempSync(join(tmpdir(), 'shaders-'));
  process.env['MESA_SHADER_CACHE_DIR'] = folder;
  try {
    return await use();
  } finally {
    rmSync(folder, { recursive: true });
  }
}
