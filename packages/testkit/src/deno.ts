/**
 * Deno, for tests on another WebGPU than Dawn's, which Node and Chromium have: Deno's is wgpu, as Firefox's is, with a WGSL
 * compiler of its own and without subgroups.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { driverOfTests } from './driverOfTests.js';

const deno = process.env['DENO'] ?? 'deno';

/** Whether there is one: such tests are skipped without, and say so. */
export const hasDeno = spawnSync(deno, ['--version']).status === 0;

/**
 * Runs a script in Deno, on the adapter that tests in Node take, and gives what it then makes of `expression`, as JSON.
 * @param location what addresses in the script are relative to.
 */
export async function runInDeno<Found>(
  script: string,
  expression: string,
  location = 'http://localhost/',
): Promise<Found> {
  const env = await driverOfTests();
  const folder = mkdtempSync(join(tmpdir(), 'deno-'));
  const [file, found] = [join(folder, 'script.mjs'), join(folder, 'found.json')];
  const write = `Deno.writeTextFileSync(${JSON.stringify(found)}, JSON.stringify(await (${expression})));`;
  writeFileSync(file, `${script}\n${write}\n`);
  try {
    const args = ['run', '--allow-all', '--unstable-webgpu', '--location', location, file];
    const child = spawn(deno, args, { env, stdio: 'pipe' });
    let told = '';
    child.stdout.resume();
    child.stderr.setEncoding('utf8').on('data', (text: string) => (told += text));
    const code = await new Promise((resolve) => child.on('close', resolve));
    if (code !== 0) throw new Error(`Deno ended with ${String(code)}: ${told}`);
    return JSON.parse(readFileSync(found, 'utf8')) as Found;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
