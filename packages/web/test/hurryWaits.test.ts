import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { hurryWaits, needsHurry } from '../src/hurryWaits.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A device whose waits end when told, and the empty submits that it was sent. */
function device() {
  const ends: (() => void)[] = [];
  const wait = (): Promise<undefined> => new Promise((resolve) => ends.push(() => resolve(undefined)));
  const submit = vi.fn();
  const made = { queue: { submit, onSubmittedWorkDone: wait }, createBuffer: () => ({ mapAsync: wait }) };
  // what waiting does not touch is left out
  return { device: made as unknown as GPUDevice, submit, ends };
}

test('while somebody waits for the queue or a buffer the device is sent empty submits, and none before or after', async () => {
  const { device: it, submit, ends } = device();
  hurryWaits(it);
  const buffer = it.createBuffer({ size: 4, usage: 1 });
  await vi.advanceTimersByTimeAsync(100);
  expect(submit).not.toHaveBeenCalled();
  const waits = [it.queue.onSubmittedWorkDone(), buffer.mapAsync(1)];
  await vi.advanceTimersByTimeAsync(20);
  expect(submit.mock.calls.length).toBeGreaterThan(5);
  expect(submit.mock.calls.every(([commands]) => commands.length === 0)).toBe(true);
  ends[0]!();
  await waits[0];
  const soFar = submit.mock.calls.length;
  await vi.advanceTimersByTimeAsync(20);
  expect(submit.mock.calls.length).toBeGreaterThan(soFar);
  ends[1]!();
  await waits[1];
  submit.mockClear();
  await vi.advanceTimersByTimeAsync(100);
  expect(submit).not.toHaveBeenCalled();
});

test('a wait that fails ends the submits, and fails as before', async () => {
  const { device: it, submit } = device();
  it.queue.onSubmittedWorkDone = () => Promise.reject(new Error('the device was lost'));
  hurryWaits(it);
  await expect(it.queue.onSubmittedWorkDone()).rejects.toThrow('the device was lost');
  await vi.advanceTimersByTimeAsync(100);
  expect(submit).not.toHaveBeenCalled();
});

test('a wait that begins just after another ended starts no second row of submits', async () => {
  const { device: it, submit, ends } = device();
  hurryWaits(it);
  for (let i = 0; i < 5; i++) {
    const wait = it.queue.onSubmittedWorkDone();
    ends[i]!();
    await wait;
  }
  const last = it.queue.onSubmittedWorkDone();
  await vi.advanceTimersByTimeAsync(20);
  expect(submit.mock.calls.length).toBeLessThanOrEqual(10);
  ends[5]!();
  await last;
});

test('Firefox alone needs it', () => {
  expect(needsHurry('Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0')).toBe(true);
  expect(needsHurry('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36')).toBe(false);
});
