import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const cli = fileURLToPath(new URL('../../../scripts/cli.mjs', import.meta.url));
const empty = mkdtempSync(join(tmpdir(), 'circuit-tuning-'));
afterAll(() => rmSync(empty, { recursive: true }));

const doctor = (
  env: Record<string, string>,
  ...flags: string[]
): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    const all = { ...process.env, CIRCUIT_TUNING_CACHE: empty, ...env };
    execFile(process.execPath, [cli, 'doctor', ...flags], { env: all }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });

// drivers chosen by hand are never overruled: an empty choice is a machine without any
const NONE = { VK_DRIVER_FILES: join(empty, 'none.json'), VK_ICD_FILENAMES: join(empty, 'none.json') };
const isLinux = process.platform === 'linux';

test.skipIf(!isLinux)(
  'a machine without an adapter gets one sentence, the cure and exit code 1 (needs Linux)',
  async () => {
    const { code, stdout, stderr } = await doctor(NONE);
    expect(stdout).toContain(
      'adapter: WebGPU needs a GPU with a working driver, or a software Vulkan, got neither. ' +
        'Run `circuit-tuning doctor --fix`',
    );
    expect(stderr).toBe('');
    expect(code).toBe(1);
  },
);

test.skipIf(!isLinux)('the same for machines: no adapter found, none taken (needs Linux)', async () => {
  const { stdout } = await doctor(NONE, '--json');
  expect(JSON.parse(stdout)).toMatchObject({ found: [], advice: [expect.stringContaining('got neither')] });
});
