/** Host time per dispatch: which of the samples count, and that the clock behind them is the thread's own. */
import { describe, expect, it } from 'vitest';
import type { Submitted } from '../src/device/meter.js';
import { threadCpuUs } from '../src/device/threadClock.js';
import type { Sample } from '../src/sampling.js';
import { hostTimeOf } from '../src/step/hostTime.js';

const sample = (...submits: Submitted[]): Sample => ({ wallMs: 1, dispatches: 64, submits });

describe('host time per dispatch', () => {
  it('is the CPU time of each submit in its fastest round, over all dispatches of all cases', () => {
    const full = [
      sample({ dispatches: 100, wallUs: 500, cpuUs: 300 }, { dispatches: 10, wallUs: 900, cpuUs: 80 }),
      sample({ dispatches: 100, wallUs: 600, cpuUs: 400 }, { dispatches: 10, wallUs: 90, cpuUs: 70 }),
    ];
    // the second round found a smaller circuit
    const masked = [
      sample({ dispatches: 50, wallUs: 200, cpuUs: 200 }, { dispatches: 40, wallUs: 400, cpuUs: 230 }),
      sample({ dispatches: 30, wallUs: 240, cpuUs: 90 }),
    ];
    const found = hostTimeOf({ full, masked });
    expect(found.host_us_per_dispatch).toBeCloseTo((300 + 70 + 90 + 230) / (100 + 10 + 30 + 40), 12);
    // the middle of 380 / 110, 470 / 110, 430 / 90 and 90 / 30
    expect(found.host_us_per_dispatch_cpu).toBeCloseTo((380 + 470) / 110 / 2, 12);
    // and of 1400 / 110, 690 / 110, 600 / 90 and 240 / 30
    expect(found.host_us_per_dispatch_wall).toBeCloseTo((600 / 90 + 240 / 30) / 2, 12);
  });

  it('is by the wall clock where a thread has no other, and nothing where nothing was submitted', () => {
    const rounds = [sample({ dispatches: 10, wallUs: 60 }), sample({ dispatches: 10, wallUs: 50 })];
    expect(hostTimeOf({ full: rounds })).toEqual({
      host_us_per_dispatch: 5,
      host_us_per_dispatch_cpu: null,
      host_us_per_dispatch_wall: 5.5,
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
