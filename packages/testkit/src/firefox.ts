/**
 * Firefox, for tests on another WebGPU than Chromium's. It is started as a user would, with an address and a profile of its
 * own; the page must tell by itself what it found.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { driverOfTests } from './driverOfTests.js';

const places = [
  '/usr/bin/firefox',
  '/usr/bin/firefox-esr',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
  'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
];

/** Path of the browser, undefined where there is none: such tests are skipped and say so. */
export const firefoxPath = [process.env['FIREFOX'], ...places].find((path) => path !== undefined && existsSync(path));

/** Without the second, a machine without a GPU gets no adapter; the others keep it from asking and fetching. */
const preferences = {
  'dom.webgpu.enabled': true,
  'gfx.webgpu.ignore-blocklist': true,
  'app.update.enabled': false,
  'browser.aboutwelcome.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
};

/** Opens an address without a window. @returns ends it. */
export async function openFirefox(url: string): Promise<() => Promise<void>> {
  const profile = mkdtempSync(join(tmpdir(), 'firefox-'));
  const lines = Object.entries(preferences).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${value});\n`);
  writeFileSync(join(profile, 'user.js'), lines.join(''));
  const env = await driverOfTests();
  const args = ['--headless', '--no-remote', '--profile', profile, url];
  const child = spawn(firefoxPath!, args, { env, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('close', resolve));
  return async () => {
    child.kill();
    await ended;
    rmSync(profile, { recursive: true, force: true });
  };
}
