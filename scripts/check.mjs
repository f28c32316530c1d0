// `pnpm check [word]`: types, lint, format, unused code, tests. All of them run, so that one report shows everything.
// With a word, only the tests whose file name contains it.
import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePnpm } from './pnpm.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name) => join(root, 'node_modules/.bin', name);
const words = process.argv.slice(2);

const STEPS = [
  ['types', bin('turbo'), ['run', 'types', '--continue', '--output-logs=errors-only', '--log-prefix=none']],
  ['lint', bin('oxlint'), []],
  ['format', bin('prettier'), ['--check', '--log-level', 'warn', '.']],
  ['unused', bin('knip'), []],
  ['tests', bin('vitest'), ['run', ...words]],
];

// turbo starts each package's script with the pnpm it finds
const PATH = `${ensurePnpm().bin}${delimiter}${process.env.PATH}`;
const env = { ...process.env, PATH, TURBO_TELEMETRY_DISABLED: '1' };

const failed = STEPS.filter(([name, command, args]) => {
  process.stdout.write(`── ${name}\n`);
  return (
    spawnSync(command, args, { cwd: root, stdio: 'inherit', env, shell: process.platform === 'win32' }).status !== 0
  );
}).map(([name]) => name);

process.stdout.write(failed.length ? `check failed: ${failed.join(', ')}\n` : 'check passed\n');
process.exitCode = failed.length ? 1 : 0;
