import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const at = (...parts: string[]): string => join(root, ...parts);

/** In the order they are built: each needs the types of those before it. */
const PACKAGES = ['core', 'kernels-wgsl', 'web', 'cli'] as const;

interface Manifest {
  readonly name: string;
  readonly exports: Record<string, unknown>;
}
const manifests = PACKAGES.map(
  (folder) => JSON.parse(readFileSync(at('packages', folder, 'package.json'), 'utf8')) as Manifest,
);
/** What a user of the packages may import, e.g. '@circuit-tuning/core' and 'circuit-tuning/gpu'. */
const imports = manifests.flatMap(({ name, exports }) =>
  Object.keys(exports)
    .filter((path) => !path.includes('*'))
    .map((path) => name + path.slice(1)),
);

describe('the packed packages, installed in an empty folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'circuit-tuning-pack-'));
  const pnpm = (args: string[], cwd: string): Promise<unknown> =>
    run(process.execPath, [at('scripts/pnpm.mjs'), ...args], { cwd });

  beforeAll(async () => {
    for (const name of PACKAGES) {
      const cwd = at('packages', name);
      await run(process.execPath, [at('scripts/build.mjs')], { cwd });
      await pnpm(['pack', '--out', join(folder, `${name}.tgz`)], cwd);
    }
    const tarballs = Object.fromEntries(manifests.map(({ name }, i) => [name, `file:./${PACKAGES[i]}.tgz`]));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', dependencies: tarballs }));
    // the packages name each other by version, and none of them is published here
    const overrides = Object.entries(tarballs).map(([name, file]) => `  '${name}': '${file}'`);
    const yaml = ['overrides:', ...overrides, 'strictDepBuilds: false', 'pmOnFail: ignore', ''].join('\n');
    writeFileSync(join(folder, 'pnpm-workspace.yaml'), yaml);
    await pnpm(['install', '--prefer-offline', '--ignore-scripts', '--silent'], folder);
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('import without a loader, a flag or a source beside them', async () => {
    const program = `for (const name of ${JSON.stringify(imports)}) console.log(name, Object.keys(await import(name)).length > 0);`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { cwd: folder });
    expect(stdout.trim().split('\n')).toEqual(imports.map((name) => `${name} true`));
  });

  test('bring types that resolve the way Node does', async () => {
    const lines = imports.map(
      (name, i) => `import * as m${i} from '${name}';\nexport const n${i}: string[] = Object.keys(m${i});`,
    );
    writeFileSync(join(folder, 'use.ts'), lines.join('\n'));
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2023',
      lib: ['es2023', 'dom'],
      strict: true,
      noEmit: true,
    };
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...compilerOptions, types: [], skipLibCheck: false }, files: ['use.ts'] }),
    );
    const { stdout } = await run(at('node_modules/.bin/tsc'), ['-p', folder]).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe('');
  });

  test('bring the command', async () => {
    mkdirSync(join(folder, 'elsewhere'));
    const { stdout } = await run(join(folder, 'node_modules/.bin/circuit-tuning'), ['--help'], {
      cwd: join(folder, 'elsewhere'),
    });
    expect(stdout).toContain('Usage: circuit-tuning');
  });

  test('bring the lab, to be served by the command and by pages of others', async () => {
    const program = `import { existsSync } from 'node:fs';
      import { fileURLToPath } from 'node:url';
      for (const file of ['index.html', 'worker.js', 'embedded/lab.yaml'])
        console.log(existsSync(fileURLToPath(import.meta.resolve('@circuit-tuning/web/lab/' + file))));
      console.log(existsSync('node_modules/circuit-tuning/dist/lab/index.html'));`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { cwd: folder });
    expect(stdout).toBe('true\n'.repeat(4));
  });
});
