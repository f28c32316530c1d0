/** A browser of this machine, for tests of pages: one that is installed, none is fetched (`pnpm test:browser` may). */
import { existsSync } from 'node:fs';
import places from './browserPlaces.json' with { type: 'json' };

/** Path of the browser, undefined where there is none: such tests are skipped and say so. */
export const chromiumPath = [process.env['CHROMIUM'], ...places].find((path) => path !== undefined && existsSync(path));

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
