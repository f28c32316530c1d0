// `pnpm bench <command> [--adapter DIR]` in a checkout: bundles src/main.ts and runs it. See docs/performance.md.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleCheckout } from '../scripts/bundle.mjs';

// pnpm runs scripts in the root; relative paths are meant from where the user stands
if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
const LINKER = 'lib64/ld-linux-x86-64.so.2';
const args = process.argv.slice(2);
const at = args.indexOf('--adapter');
if (at >= 0) process.exitCode = throughOwnLibc(args.splice(at, 2)[1], args);
else process.exitCode = await run(args);

async function run(rest) {
  // Beside the CLI's own bundle, from where the native package that opens the device is found.
  const folder = new URL('../packages/cli/.checkout/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const outfile = new URL('bench.js', folder);
  await bundleCheckout({
    entry: fileURLToPath(new URL('src/main.ts', import.meta.url)),
    outfile: fileURLToPath(outfile),
  });
  const { main } = await import(outfile.href);
  try {
    return await main(rest);
  } catch (error) {
    if (process.env.CIRCUIT_TUNING_DEBUG) throw error;
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return 1;
  }
}

/**
 * Runs the bench on the lavapipe of a Debian tree in `folder` (or in its `root`), which may be newer than this system: Node
 * is started by the tree's own dynamic linker, on the tree's C library.
 */
function throughOwnLibc(folder, rest) {
  const root = [folder, join(folder ?? '', 'root')].find((place) => place && existsSync(join(place, LINKER)));
  if (!root) {
    process.stderr.write(`bench: --adapter needs a folder with ${LINKER} and Mesa, got '${folder}'.\n`);
    return 1;
  }
  const tree = resolve(root);
  const libraries = join(tree, 'usr/lib/x86_64-linux-gnu');
  const state = resolve(folder, 'bench');
  mkdirSync(state, { recursive: true, mode: 0o700 });
  const manifest = join(state, 'lavapipe.json');
  const driver = { api_version: '1.3.0', library_path: join(libraries, 'libvulkan_lvp.so') };
  writeFileSync(manifest, JSON.stringify({ file_format_version: '1.0.0', ICD: driver }));
  const { status } = spawnSync(
    join(tree, LINKER),
    ['--library-path', libraries, realpathSync(process.execPath), fileURLToPath(import.meta.url), ...rest],
    {
      stdio: 'inherit',
      // what starts Node itself again must not start the linker in its place
      env: {
        ...process.env,
        npm_node_execpath: realpathSync(process.execPath),
        VK_DRIVER_FILES: manifest,
        XDG_RUNTIME_DIR: state,
        MESA_SHADER_CACHE_DIR: state,
      },
    },
  );
  return status ?? 1;
}
