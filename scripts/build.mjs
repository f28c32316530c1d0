// Builds the package it is run in: bundles with esbuild, types with tsc. The entry points are those of `exports` and `bin`.
// The lab is built with the package of pages, and goes out with the CLI that serves it.
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleLab, bundlePackage } from './bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { name, exports = {}, bin = {}, dependencies = {} } = JSON.parse(readFileSync('package.json', 'utf8'));

const entries = [
  ...Object.values(exports).map((conditions) => conditions['@circuit-tuning/source']),
  ...Object.values(bin).map((file) => file.replace('./dist/', './src/').replace(/\.js$/, '.ts')),
].filter(Boolean);

rmSync('dist', { recursive: true, force: true });
const external = Object.keys(dependencies).flatMap((dependency) => [dependency, `${dependency}/*`]);
await bundlePackage({ entries, outdir: 'dist', platform: name === 'circuit-tuning' ? 'node' : 'neutral', external });
if (name === '@circuit-tuning/web') await bundleLab('dist/lab');
if (name === 'circuit-tuning') cpSync('../web/dist/lab', 'dist/lab', { recursive: true });
execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });
