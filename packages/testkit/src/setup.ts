/** Before each file of tests (vitest.config.ts): what a test throws is told by vitest, whatever page it came from. */
import { afterEach } from 'vitest';
import { withoutPageFrames } from './pageFrames.js';

afterEach(({ task }) => {
  for (const error of task.result?.errors ?? [])
    if (error.stack !== undefined) error.stack = withoutPageFrames(error.stack);
});
