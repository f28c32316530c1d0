import { expect, it } from 'vitest';
import { Clock } from '../../src/experiment/clock.js';

it('counts work, goes on from where a run stood, and stands still in a pause', () => {
  let ms = 5000;
  const clock = new Clock(10, () => ms);
  ms += 2000;
  expect(clock.seconds).toBe(12);
  clock.stop();
  ms += 60_000;
  expect(clock.seconds).toBe(12);
  clock.stop();
  clock.start();
  ms += 500;
  clock.start();
  expect(clock.seconds).toBe(12.5);
});
