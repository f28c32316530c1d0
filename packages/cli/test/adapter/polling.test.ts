import { promisify } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import { tamePolling } from '../../src/adapter/polling.js';

const original = globalThis.setImmediate;
afterEach(() => void (globalThis.setImmediate = original));

/** What Dawn passes: a native function without a name. */
function nativePoll(task: () => void): () => void {
  // a bound function prints as native code
  const bound = task.bind(undefined);
  Object.defineProperty(bound, 'name', { value: '' });
  return bound;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => void original(() => resolve()));

test("everybody else's callbacks keep their turn, their arguments and clearImmediate", async () => {
  tamePolling();
  const called = vi.fn();
  setImmediate(called, 1, 2);
  clearImmediate(setImmediate(() => called('cleared')));
  // nameless, but written in JavaScript
  setImmediate(() => called('nameless'));
  await nextTurn();
  expect(called.mock.calls).toEqual([[1, 2], ['nameless']]);
});

test('util.promisify still knows setImmediate', async () => {
  tamePolling();
  expect(await promisify(setImmediate)('value')).toBe('value');
});

test('a poll that goes on for long waits a timer instead of spinning', async () => {
  tamePolling();
  let polls = 0;
  await new Promise<void>((resolve) => {
    const until = performance.now() + 100;
    const again = nativePoll(() => {
      polls++;
      if (performance.now() < until) setImmediate(again);
      else resolve();
    });
    setImmediate(again);
  });
  // unthrottled it is some 10,000 polls; a busy machine only makes it fewer
  expect(polls).toBeLessThan(2000);
});

test('taming twice changes nothing more', () => {
  tamePolling();
  const tamed = globalThis.setImmediate;
  tamePolling();
  expect(globalThis.setImmediate).toBe(tamed);
});
