import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Latest } from '../../../src/page/prompt/latest.js';

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => vi.useRealTimers());

/** Questions that each take so many milliseconds to answer. */
function asking(taking: number) {
  const asked: number[] = [];
  const ask = async (): Promise<void> => {
    asked.push(performance.now());
    await new Promise<void>((resolve) => setTimeout(resolve, taking));
  };
  const started = performance.now();
  return { latest: new Latest({ ask, rest: 200, gap: 400 }), asked: () => asked.map((at) => at - started) };
}

describe('questions of which only the latest counts', () => {
  it('wait until typing rests, and are one for all letters', async () => {
    const { latest, asked } = asking(10);
    for (let letter = 0; letter < 5; letter++) {
      latest.want({ isTyped: true });
      await vi.advanceTimersByTimeAsync(100);
    }
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked()).toEqual([600]);
  });

  it('come a few times a second while a model changes all the time, and once more after its end', async () => {
    const { latest, asked } = asking(100);
    for (let step = 0; step < 120; step++) {
      latest.want();
      await vi.advanceTimersByTimeAsync(10);
    }
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked()).toEqual([0, 500, 1000, 1500]);
  });

  it('are not asked after the end', async () => {
    const { latest, asked } = asking(10);
    latest.want();
    latest.stop();
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked()).toEqual([]);
  });
});
