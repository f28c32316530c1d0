/**
 * Tames Dawn's busy waiting in Node. While any promise of WebGPU is pending, Dawn re-queues a native callback through
 * globalThis.setImmediate, which eats a whole core: on a software adapter, half of a 2-core machine.
 * Here such callbacks run hot for the first moment of a wait (short waits keep their latency) and once a millisecond after.
 * Everybody else's setImmediate is passed through untouched.
 */

/** How long a wait stays hot, in ms. An empty readback takes 0.05 ms; a wait longer than this has real work behind it. */
const HOT_MS = 0.5;

const TAMED = Symbol.for('circuit-tuning.polling');

type Immediate = typeof globalThis.setImmediate;

/** Dawn passes a nameless native function without arguments; functions written in JavaScript print their source. */
const isDawnPoll = (callback: unknown, args: readonly unknown[]): callback is () => void =>
  typeof callback === 'function' &&
  args.length === 0 &&
  callback.name === '' &&
  Function.prototype.toString.call(callback).endsWith('{ [native code] }');

/** Replaces globalThis.setImmediate, once per realm. Must run before the first wait on the GPU. */
export function tamePolling(): void {
  const original = globalThis.setImmediate as Immediate & { [TAMED]?: boolean };
  if (original[TAMED]) return;
  let hotUntil = 0;
  let isPolling = false;
  const tamed = (callback: (...args: unknown[]) => void, ...args: unknown[]): unknown => {
    if (!isDawnPoll(callback, args)) return original(callback, ...args);
    const now = performance.now();
    // queued from outside of a poll: a new wait has begun
    if (!isPolling) hotUntil = now + HOT_MS;
    const poll = (): void => {
      isPolling = true;
      try {
        callback();
      } finally {
        isPolling = false;
      }
    };
    return now < hotUntil ? original(poll) : setTimeout(poll, 1);
  };
  // own properties include util.promisify.custom, which timers/promises-like callers rely on
  Object.defineProperties(tamed, Object.getOwnPropertyDescriptors(original));
  Object.defineProperty(tamed, TAMED, { value: true });
  globalThis.setImmediate = tamed as unknown as Immediate;
}
