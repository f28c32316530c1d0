/**
 * Fetches Mesa's lavapipe, a Vulkan that runs on the CPU, from the distribution this machine runs: about 60 MB, seconds.
 * Its libraries are loaded into this very process, so they must be built for the C library it runs on: the newer Mesa
 * of Debian's next release (1.5 times as fast, measured) would need Node itself to be started through a foreign ld.so.
 */
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { fetchPackages } from './debian.js';
import type { Installed } from './installed.js';

const run = promisify(execFile);

/** Linux with apt: Debian, Ubuntu and what descends from them. */
export const hasApt = (): boolean =>
  process.platform === 'linux' && existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg-deb');

// Node has these loaded already, and a second C library in one process cannot work
const OF_NODE = /^(ld-linux.*|libc|libm|libdl|libpthread|librt|libgcc_s|libstdc\+\+|libresolv)\.so/;

/** Paths of all libraries `file` needs, itself excluded. */
async function needs(file: string, folders: readonly string[]): Promise<string[]> {
  const env = { ...process.env, LD_LIBRARY_PATH: folders.join(':') };
  const { stdout } = await run('ldd', [file], { env, timeout: 60_000 });
  const missing = stdout.match(/^\s*(\S+) => not found/m)?.[1];
  if (missing) throw new Error(`${basename(file)} needs ${missing}, which no package brought`);
  return [...stdout.matchAll(/=> (\/\S+)/g)]
    .map((match) => match[1] ?? '')
    .filter((path) => !OF_NODE.test(basename(path)));
}

/** Fills `dir` with lavapipe, a Vulkan loader and adapter.json. @throws Error with one line on what was not to be had. */
export async function fetchLavapipe(dir: string): Promise<Installed> {
  const work = join(dir, 'fetch');
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  try {
    const [version] = await fetchPackages(['mesa-vulkan-drivers', 'libvulkan1'], work);
    const root = join(work, 'root');
    // releases since trixie have no /lib of their own
    const folders = ['usr/lib', 'lib']
      .map((folder) => join(root, folder))
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
      .filter((folder) => folder.endsWith('linux-gnu'));
    const find = (name: string): string => {
      const folder = folders.find((place) => existsSync(join(place, name)));
      if (!folder) throw new Error(`${name} is in none of the packages`);
      return join(folder, name);
    };
    const tops = [find('libvulkan_lvp.so'), find('libvulkan.so.1')];
    const all = [...new Set([...tops, ...(await Promise.all(tops.map((file) => needs(file, folders)))).flat()])];
    // a library needs strictly more than any library it needs: sorted by that count, dependencies come first
    const counts = await Promise.all(all.map(async (file) => (await needs(file, folders)).length));
    const sorted = all.map((file, i) => ({ file, count: counts[i] ?? 0 })).toSorted((a, b) => a.count - b.count);
    for (const { file } of sorted) copyFileSync(realpathSync(file), join(dir, basename(file)));
    const manifest = 'lavapipe.json';
    const driver = { api_version: '1.3.0', library_path: './libvulkan_lvp.so' };
    writeFileSync(join(dir, manifest), JSON.stringify({ file_format_version: '1.0.0', ICD: driver }));
    const libraries = sorted.map(({ file }) => basename(file)).filter((file) => file !== 'libvulkan_lvp.so');
    return { kind: 'lavapipe', version: `Mesa ${version} lavapipe`, manifest, libraries };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
