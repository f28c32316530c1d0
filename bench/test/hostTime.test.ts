/** Host time per dispatch: which of the samples count, and that the clock behind them is the thread's own. */
import { describe, expect, it } from 'vitest';
import { threadCpuUs } from '../src/device/threadClock.js';
import type { Sample } from '../src/sampling.js';
import { hostTimeOf } from '../src/step/hostTime.js';

const sample = (hostCpuUs: number[] | undefined, hostWallUs: number[]): Sample => ({
  wallMs: 1,
  dispatches: 64,
  ...(hostCpuUs && { hostCpuUs }),
  hostWallUs,
});

describe('host time per dispatch', () => {
  it('is of each submit its fastest round by CPU time, the middle of all submits of all cases', () => {
    const full = [sample([3, 9, 4], [5, 40, 6]), sample([7, 2, 8], [7, 3, 9])];
    // the second round found a smaller circuit
    const masked = [sample([6, 5], [6, 6]), sample([10], [11])];
    expect(hostTimeOf({ full, masked })).toEqual({
      host_us_per_dispatch: 4, // of 3 2 4 and 6 5
      host_us_per_dispatch_cpu: 6, // of 3 9 4 7 2 8 6 5 10
      host_us_per_dispatch_wall: 6, // of 5 40 6 7 3 9 6 6 11
    });
  });

  it('is by the wall clock where a thread has no other, and nothing where nothing was submitted', () => {
    expect(hostTimeOf({ full: [sample(undefined, [5, 8]), sample(undefined, [6, 7])] })).toEqual({
      host_us_per_dispatch: 6,
      host_us_per_dispatch_cpu: null,
      host_us_per_dispatch_wall: 6.5,
    });
    expect(hostTimeOf({ jax: [{ wallMs: 1, dispatches: 0 }] }).host_us_per_dispatch).toBeNull();
  });

  it.skipIf(threadCpuUs() === undefined)('goes on while the thread works and stands while it waits', () => {
    const before = threadCpuUs()!;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    const waited = threadCpuUs()!;
    let sum = 0;
    while (threadCpuUs()! - waited < 1000) for (let i = 0; i < 1000; i++) sum += i;
    expect(sum).toBeGreaterThan(0);
    expect(waited - before).toBeLessThan(25_000);
  });
});
