/** A browser of this machine, for tests of pages: one that is installed, none is fetched. */
import { existsSync } from 'node:fs';

const places = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Path of the browser, undefined where there is none: such tests are skipped and say so. */
export const chromiumPath = places.find((path) => path !== undefined && existsSync(path));
