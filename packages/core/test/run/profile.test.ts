/** The collector of times, on a clock of our own. */
import { expect, test } from 'vitest';
import { Profiler } from '../../src/index.js';
import type { Dispatch } from '../../src/plan/plan.js';

const dispatch = (kernel: string, entry: string, flops = 0): Dispatch => ({
  kernel,
  entry,
  flops,
  label: '',
  bindings: [],
  constants: {},
  grid: [1, 1, 1],
});

function clocked() {
  const clock = { ms: 100 };
  return { clock, profiler: new Profiler(() => clock.ms) };
}

test('time belongs to the innermost phase, and what no phase claims is other', async () => {
  const { clock, profiler } = clocked();
  clock.ms += 1;
  await profiler.during('search', async () => {
    clock.ms += 10;
    await profiler.during('compile', async () => void (clock.ms += 100));
    clock.ms += 20;
  });
  clock.ms += 2;
  const { ms, phases } = profiler.report();
  expect(ms).toBe(133);
  expect(phases.map(({ phase, ms }) => [phase, ms])).toEqual([
    ['compile', 100],
    ['search', 30],
    ['other', 3],
  ]);
});

test('a phase that fails is over', async () => {
  const { clock, profiler } = clocked();
  const failing = profiler.during('step', async () => {
    clock.ms += 5;
    throw new Error('lost');
  });
  await expect(failing).rejects.toThrow('lost');
  clock.ms += 7;
  expect(profiler.report().phases).toMatchObject([
    { phase: 'other', ms: 7 },
    { phase: 'step', ms: 5 },
  ]);
});

test('kernels are summed by entry point and phase, and waiting is not the host', async () => {
  const { clock, profiler } = clocked();
  const dispatches = [dispatch('gelu', 'forward'), dispatch('matmulNT', 'forward', 8), dispatch('gelu', 'forward')];
  await profiler.during('measure', async () => {
    clock.ms += 4;
    const sent = clock.ms;
    clock.ms += 6;
    profiler.ran({ dispatches, sent, deviceMs: Float64Array.of(1, 5, 2) });
  });
  const { has_timestamps: isTimed, phases, kernels } = profiler.report();
  expect(isTimed).toBe(true);
  expect(phases[0]).toEqual({
    phase: 'measure',
    ms: 10,
    wait_ms: 6,
    host_ms: 4,
    device_ms: 8,
    runs: 1,
    dispatches: 3,
  });
  expect(kernels).toEqual([
    { kernel: 'matmulNT', entry: 'forward', phase: 'measure', dispatches: 1, device_ms: 5, flops: 8 },
    { kernel: 'gelu', entry: 'forward', phase: 'measure', dispatches: 2, device_ms: 3, flops: 0 },
  ]);
});

test('without timestamps dispatches are counted, and no time is made up', () => {
  const { profiler } = clocked();
  const dispatches = [dispatch('add', 'forward'), dispatch('gelu', 'forward'), dispatch('gelu', 'forward')];
  profiler.ran({ dispatches, sent: 100, deviceMs: undefined });
  const { has_timestamps: isTimed, phases, kernels } = profiler.report();
  expect(isTimed).toBe(false);
  expect(kernels.map(({ kernel, dispatches }) => [kernel, dispatches])).toEqual([
    ['gelu', 2],
    ['add', 1],
  ]);
  expect([...phases, ...kernels].some((part) => 'device_ms' in part)).toBe(false);
});
