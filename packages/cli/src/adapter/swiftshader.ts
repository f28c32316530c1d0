/**
 * Fetches SwiftShader, a Vulkan that runs on the CPU, out of the npm package @sparticuz/chromium: 70 MB to download,
 * 7 MB to keep. Slower than lavapipe (5 to 10 times), but needs neither apt nor any library beyond libc.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompressSync } from 'node:zlib';
import { x as extract } from 'tar';
import type { Installed } from './installed.js';

const run = promisify(execFile);

const PACKAGE = '@sparticuz/chromium';
const VERSION = '153.0.0';
const SHA512 = 'jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA==';

/** The package holds x64 code only. */
export const hasSwiftshader = (): boolean => process.platform === 'linux' && process.arch === 'x64';

/** Fills `dir` with SwiftShader, a Vulkan loader and adapter.json. @throws Error with one line on what went wrong. */
export async function fetchSwiftshader(dir: string): Promise<Installed> {
  rmSync(dir, { recursive: true, force: true });
  const work = join(dir, 'fetch');
  mkdirSync(work, { recursive: true });
  try {
    const pack = ['pack', `${PACKAGE}@${VERSION}`, '--silent', '--ignore-scripts', '--pack-destination', work];
    const { stdout } = await run('npm', pack, { timeout: 600_000, cwd: work });
    const file = join(work, stdout.trim().split('\n').at(-1) ?? '');
    const sum = createHash('sha512').update(readFileSync(file)).digest('base64');
    if (sum !== SHA512) throw new Error(`${PACKAGE}@${VERSION} is not the file that was expected: sha512 ${sum}`);
    const inner = 'package/bin/swiftshader.tar.br';
    await extract({ file, cwd: work, filter: (path) => path === inner });
    const tar = join(work, 'swiftshader.tar');
    writeFileSync(tar, brotliDecompressSync(readFileSync(join(work, inner))));
    const manifest = 'vk_swiftshader_icd.json';
    const wanted = ['libvk_swiftshader.so', 'libvulkan.so.1', manifest];
    await extract({ file: tar, cwd: dir, filter: (path) => wanted.includes(path.replace(/^\.\//, '')) });
    return {
      kind: 'swiftshader',
      version: `SwiftShader of Chromium ${VERSION}`,
      manifest,
      libraries: ['libvulkan.so.1'],
    };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
