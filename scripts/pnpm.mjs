// The pinned pnpm, fetched with npm into .cache/ so that a machine needs nothing but Node, and no global install changes.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

export const say = (line) => process.stderr.write(`set-up: ${line}\n`);

/** The pinned pnpm: `entry` is to be run with node, `bin` is a folder for the PATH of tools that look for a pnpm there. */
export function ensurePnpm() {
  const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager.replace('pnpm@', '');
  const folder = join(root, '.cache/pnpm', version);
  const home = join(folder, 'node_modules/pnpm');
  if (!existsSync(join(home, 'package.json'))) {
    say(`fetching pnpm ${version}`);
    mkdirSync(folder, { recursive: true });
    // a manifest of its own, else npm takes the workspace around it for its project
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    const args = [
      'install',
      `pnpm@${version}`,
      '--prefix',
      folder,
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      '--ignore-scripts',
    ];
    const { status } = spawnSync('npm', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    });
    if (status !== 0) {
      say(`npm could not fetch pnpm ${version}: check the connection to your npm registry`);
      process.exit(status ?? 1);
    }
  }
  // the entry that works without install scripts: it finds the native binary by itself
  const entry = join(home, 'bin/pnpm.mjs');
  const bin = join(folder, 'bin');
  if (!existsSync(bin)) {
    mkdirSync(bin);
    writeFileSync(join(bin, 'pnpm'), `#!/bin/sh\nexec node "${entry}" "$@"\n`, { mode: 0o755 });
    writeFileSync(join(bin, 'pnpm.cmd'), `@node "${entry}" %*\r\n`);
  }
  return { entry, bin };
}

// `node scripts/pnpm.mjs install` is pnpm install
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { status } = spawnSync(process.execPath, [ensurePnpm().entry, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exit(status ?? 1);
}
