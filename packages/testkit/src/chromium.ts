/** A browser of this machine, for tests of pages: one that is installed, none is fetched (`pnpm test:browser` may). */
import { existsSync } from 'node:fs';
import places from './browserPlaces.json' with { type: 'json' };

/** Path of the browser, undefined where there is none: such tests are skipped and say so. */
export const chromiumPath = [process.env['CHROMIUM'], ...places].find((path) => path !== undefined && existsSync(path));

/**
 * Options of what is done in a browser: a browser on a machine that has other work may not come up, or lose its graphics
 * process before the test began. What is wrong with the page is wrong three times.
 */
export const again = { retry: 2 } as const;

/** How tests start it. Without the flag for WebGPU a machine without a GPU gets no adapter. */
export const chromiumArgs = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
