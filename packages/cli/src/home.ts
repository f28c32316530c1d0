/** Files that the package brings along: its version, the embedded model and its tasks. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The package's own folder, from sources, from dist and from its chunks. */
const home = ['../', '../../']
  .map((up) => fileURLToPath(new URL(up, import.meta.url)))
  .find((folder) => existsSync(`${folder}package.json`))!;

export const packageFile = (path: string): string => `${home}${path}`;

export const version = (): string =>
  (JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string }).version;

/** Where the embedded model, its tasks and the demo lie. */
export const embedded = packageFile('assets/embedded');
