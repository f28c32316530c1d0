// `npm start` and `npm test` in a fresh clone, with Node and npm only: fetches the pinned pnpm, the dependencies and,
// where there is no GPU, a software adapter; says each step in a line; then runs the task. A second run skips what is there.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePnpm, say } from './pnpm.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const [task, ...rest] = process.argv.slice(2);
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Runs a step to its end; a step that fails ends the bootstrap with its exit code. */
function step(command, args, { isNeeded = true, ...options } = {}) {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) say(`${command} could not be started: ${error.message}`);
  const code = status ?? (signal === 'SIGINT' ? 130 : 1);
  if (code !== 0 && isNeeded) process.exit(code);
  return code;
}

function checkNode() {
  const wanted = manifest.engines.node.replace('>=', '');
  const [have, need] = [process.versions.node, wanted].map((version) => version.split('.').map(Number));
  const differs = need.findIndex((part, i) => part !== have[i]);
  if (differs === -1 || have[differs] > need[differs]) return;
  say(`Node ${wanted} or later is needed, this is ${process.versions.node}. Get one from your system or nodejs.org.`);
  process.exit(1);
}

function installDependencies() {
  const stampFile = join(root, 'node_modules/.circuit-tuning-stamp');
  const packages = [...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`), 'bench'];
  const manifests = ['.', ...packages].map((folder) => `${folder}/package.json`);
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests].map((file) => join(root, file));
  const hash = createHash('sha256');
  for (const file of files.filter((path) => existsSync(path))) hash.update(readFileSync(file));
  const stamp = hash.digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  const { entry } = ensurePnpm();
  say('installing dependencies (about 100 MB the first time)');
  step(process.execPath, [entry, 'install', '--frozen-lockfile', '--reporter=append-only', '--silent']);
  writeFileSync(stampFile, stamp);
}

/** What each task runs once everything is there, as arguments of node. */
const TASKS = {
  start: () => ['scripts/cli.mjs', 'demo', ...rest],
  test: () => ['node_modules/vitest/vitest.mjs', 'run', ...rest],
  setup: () => undefined,
};

if (!TASKS[task]) {
  say(`there is no task ${JSON.stringify(task)}; tasks are ${Object.keys(TASKS).join(', ')}`);
  process.exit(2);
}
checkNode();
installDependencies();
// without an adapter the tests that need none still run, and the others say what is missing
step(process.execPath, ['scripts/cli.mjs', 'doctor', '--fix', '--brief'], { isNeeded: false });
const args = TASKS[task]();
if (args) step(process.execPath, args, { cwd: root });
