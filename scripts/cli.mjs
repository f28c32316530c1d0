// `pnpm circuit-tuning …` in a checkout: bundles the CLI when a source has changed, then runs it in this process.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
// as deep as src and dist, so that paths relative to a source file hold in the bundle too
const folder = join(root, 'packages/cli/.checkout');
const outfile = join(folder, 'main.js');
const stampFile = join(folder, 'stamp');

/** Changes whenever a source, a manifest or the bundler's settings do. */
function stamp() {
  const hash = createHash('sha256');
  const add = (path) => {
    const { mtimeMs, size } = statSync(path);
    hash.update(`${path} ${mtimeMs} ${size}\n`);
  };
  for (const name of readdirSync(join(root, 'packages'))) {
    const source = join(root, 'packages', name, 'src');
    if (!existsSync(source)) continue;
    for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) add(join(entry.parentPath, entry.name));
    }
  }
  for (const path of ['pnpm-lock.yaml', 'scripts/bundle.mjs']) add(join(root, path));
  return hash.digest('hex');
}

const now = stamp();
if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== now) {
  const { bundleCheckout } = await import('./bundle.mjs');
  mkdirSync(folder, { recursive: true });
  // moved into place whole: another process may be starting from the same folder
  const part = join(folder, `main.${process.pid}.js`);
  await bundleCheckout({ entry: join(root, 'packages/cli/src/main.ts'), outfile: part });
  renameSync(part, outfile);
  writeFileSync(stampFile, now);
}
// npm and pnpm run scripts in the package's folder; relative paths are meant from where the user stands
if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
process.argv[1] = outfile;
await import(pathToFileURL(outfile).href);
