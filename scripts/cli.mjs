// `pnpm circuit-tuning …` in a checkout: bundles the CLI when a source has changed, then runs it in this process.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
// as deep as src and dist, so that paths relative to a source file hold in the bundle too
const folder = join(root, 'packages/cli/.checkout');

/** Changes whenever a source, a manifest or the bundler's settings do. */
function stamp(...more) {
  const hash = createHash('sha256');
  const add = (path) => {
    const { mtimeMs, size } = statSync(path);
    hash.update(`${path} ${mtimeMs} ${size}\n`);
  };
  const addFolder = (path) => {
    if (!existsSync(path)) return;
    for (const entry of readdirSync(path, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) add(join(entry.parentPath, entry.name));
  };
  for (const name of readdirSync(join(root, 'packages'))) addFolder(join(root, 'packages', name, 'src'));
  for (const path of more) addFolder(join(root, path));
  for (const path of ['pnpm-lock.yaml', 'scripts/bundle.mjs', 'scripts/bundleLab.mjs', 'scripts/settings.mjs'])
    add(join(root, path));
  return hash.digest('hex');
}

/** Bundles `name` with `make(bundle, place)` if the last time was with other sources. */
async function keepBundled(name, now, make) {
  const stampFile = join(folder, `${name}.stamp`);
  if (existsSync(stampFile) && existsSync(join(folder, name)) && readFileSync(stampFile, 'utf8') === now) return;
  mkdirSync(folder, { recursive: true });
  const part = join(folder, `${process.pid}.${name}`);
  await make(await import('./bundle.mjs'), part);
  moveOver(part, join(folder, name));
  writeFileSync(stampFile, now);
}

/** Whole: another process may be starting from the same place, or moving to it. A file goes over another, a folder cannot. */
function moveOver(part, place) {
  for (let tries = 0; ; tries++) {
    try {
      return renameSync(part, place);
    } catch (error) {
      if (tries === 10) throw error;
    }
    const old = join(folder, `${process.pid}.old`);
    try {
      renameSync(place, old);
    } catch {
      // someone else has moved it
    }
    rmSync(old, { recursive: true, force: true });
  }
}

const outfile = join(folder, 'main.js');
await keepBundled('main.js', stamp(), ({ bundleCheckout }, place) =>
  bundleCheckout({ entry: join(root, 'packages/cli/src/main.ts'), outfile: place }),
);
if (process.argv[2] === 'lab')
  await keepBundled('lab', stamp('packages/cli/assets/embedded'), ({ bundleLab }, place) => bundleLab(place));
// npm and pnpm run scripts in the package's folder; relative paths are meant from where the user stands
if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
process.argv[1] = outfile;
await import(pathToFileURL(outfile).href);
