import { expect, test } from 'vitest';
import { clockText } from '../../../src/page/run/clock.js';

test('time is told in minutes and seconds, and in hours where there are any', () => {
  expect([0, 7, 75, 3723].map(clockText)).toEqual(['0:00', '0:07', '1:15', '1:02:03']);
});
