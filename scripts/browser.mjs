// `node scripts/browser.mjs`: says which browser the tests of pages use; where there is none, fetches Debian's Chromium
// when it may (root, apt). Without one these tests are skipped. `pnpm test:browser` then runs them alone.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const say = (line) => process.stderr.write(`browser: ${line}\n`);
const places = JSON.parse(readFileSync(join(root, 'packages/testkit/src/browserPlaces.json'), 'utf8'));
const find = () => [process.env.CHROMIUM, ...places].find((path) => path && existsSync(path));
const isDebian = () => existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));

function ensure() {
  if (find()) return;
  if (!isDebian() || process.getuid?.() !== 0)
    return say('none found: install Chromium or Chrome, or set CHROMIUM to its path');
  say("none found: installing Debian's chromium");
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) => spawnSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 'ignore', 'inherit'], env });
  apt('update');
  apt('install', '-y', '--no-install-recommends', 'chromium');
  if (!find()) say('apt-get could not install it');
}

ensure();
const browser = find();
if (browser) {
  const { stdout, status } = spawnSync(browser, ['--version'], { encoding: 'utf8' });
  say(`${browser}${status === 0 ? `, ${stdout.trim()}` : ''}`);
} else say('tests of pages are skipped');

if (process.argv[2] === 'test') {
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', 'browser.test.', '/parity.test.', ...process.argv.slice(3)];
  process.exitCode = spawnSync(process.execPath, vitest, { cwd: root, stdio: 'inherit' }).status ?? 1;
}
