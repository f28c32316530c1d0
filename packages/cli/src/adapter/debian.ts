/**
 * Fetches Debian and Ubuntu packages with everything they depend on, into a folder, as any user and without installing
 * them: apt works on an empty package database of its own. Mirrors and keys are those this machine's apt is set up with.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

interface Entry {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** 'signed-by=…', as the one-line form has it between brackets. */
  readonly signedBy?: string | undefined;
}

/** The `deb` entries of one file in the one-line form (sources.list). */
export function oneLineEntries(text: string): Entry[] {
  return [...text.matchAll(/^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.+)$/gm)].map(
    ([, options, uri, suite, rest]) => ({
      uri: uri ?? '',
      suites: [suite ?? ''],
      components: (rest ?? '').replace(/#.*/, '').trim().split(/\s+/),
      signedBy: options?.match(/signed-by=(\S+)/)?.[1],
    }),
  );
}

/** The `deb` entries of one file in the stanza form (*.sources). Keys written inside the stanza are not taken over. */
export function stanzaEntries(text: string): Entry[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name: string): string[] =>
      stanza
        .match(new RegExp(`^${name}:[ \\t]*(.*)$`, 'im'))?.[1]
        ?.trim()
        .split(/\s+/)
        .filter(Boolean) ?? [];
    if (!field('Types').includes('deb') || field('Enabled')[0] === 'no') return [];
    const signedBy = field('Signed-By')[0];
    const isFile = signedBy?.startsWith('/');
    return field('URIs').map((uri) => ({
      uri,
      suites: field('Suites'),
      components: field('Components'),
      signedBy: isFile ? signedBy : undefined,
    }));
  });
}

function systemEntries(): Entry[] {
  const read = (path: string): Entry[] => {
    const text = readFileSync(path, 'utf8');
    return path.endsWith('.sources') ? stanzaEntries(text) : oneLineEntries(text);
  };
  const parts = '/etc/apt/sources.list.d';
  const attempt = <T>(task: () => T[]): T[] => {
    try {
      return task();
    } catch {
      return [];
    }
  };
  const files = attempt(() => readdirSync(parts).filter((name) => /\.(list|sources)$/.test(name)));
  return ['/etc/apt/sources.list', ...files.map((name) => join(parts, name))].flatMap((path) =>
    attempt(() => read(path)),
  );
}

export interface Release {
  readonly id: string;
  readonly codename: string;
}

/** What /etc/os-release says, e.g. { id: 'debian', codename: 'bookworm' }. */
export function parseRelease(text: string): Release {
  const field = (name: string): string => text.match(new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm'))?.[1] ?? '';
  return { id: field('ID'), codename: field('VERSION_CODENAME') };
}

/**
 * The lines of a sources.list: the distribution's own suites, and on Debian its backports from the same mirror,
 * which hold a Mesa that Dawn accepts where the release itself has not (bookworm: 22.3, refused; backports: 25.0.7).
 */
export function sourceLines(entries: readonly Entry[], { id, codename }: Release): string[] {
  const own = entries.filter(({ suites }) => suites.some((suite) => suite.split(/[-/]/)[0] === codename));
  const line = ({ uri, suites, components, signedBy }: Entry): string[] =>
    suites.map((suite) => `deb ${signedBy ? `[signed-by=${signedBy}] ` : ''}${uri} ${suite} ${components.join(' ')}`);
  const main = own.find(({ suites }) => suites.includes(codename));
  const backports = `${codename}-backports`;
  const isMissing = id === 'debian' && !own.some(({ suites }) => suites.includes(backports));
  return [...own, ...(main && isMissing ? [{ ...main, suites: [backports] }] : [])].flatMap(line);
}

/**
 * Downloads `packages` and all they need into `dir`, and unpacks them into `dir/root`.
 * @returns the versions of `packages`, in their order.
 */
export async function fetchPackages(packages: readonly string[], dir: string): Promise<string[]> {
  const release = parseRelease(readFileSync('/etc/os-release', 'utf8'));
  const lines = sourceLines(systemEntries(), release);
  if (!lines.length) throw new Error(`apt on this machine names no source for ${release.codename || 'this release'}`);
  const archives = join(dir, 'archives');
  for (const folder of ['lists/partial', 'archives/partial', 'root']) mkdirSync(join(dir, folder), { recursive: true });
  writeFileSync(join(dir, 'status'), '');
  writeFileSync(join(dir, 'sources.list'), `${lines.join('\n')}\n`);
  const settings = {
    'Dir::State': dir,
    'Dir::State::lists': join(dir, 'lists'),
    'Dir::State::status': join(dir, 'status'),
    'Dir::Cache': dir,
    'Dir::Cache::archives': archives,
    'Dir::Etc::SourceList': join(dir, 'sources.list'),
    'Dir::Etc::SourceParts': '/dev/null',
    'Debug::NoLocking': '1',
    // root would hand the download to a user who may not write here
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
    'Acquire::http::Timeout': '30',
  };
  const options = Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  const apt = (command: string, ...args: string[]): Promise<{ stdout: string }> =>
    run(command, [...options, ...args], { timeout: 600_000, maxBuffer: 1 << 26, env: { ...process.env, LC_ALL: 'C' } });
  await apt('apt-get', '-qq', 'update');
  const isBackported = lines.some((text) => text.includes(`${release.codename}-backports`));
  const target = isBackported ? ['-t', `${release.codename}-backports`] : [];
  const install = ['-qq', '-y', '--no-install-recommends', '--download-only', 'install', ...packages];
  // a release so new that it has no backports yet refuses the target
  await apt('apt-get', ...target, ...install).catch(() => apt('apt-get', ...install));
  const files = readdirSync(archives).filter((name) => name.endsWith('.deb'));
  for (const file of files)
    await run('dpkg-deb', ['-x', join(archives, file), join(dir, 'root')], { timeout: 120_000 });
  return packages.map((name) => files.find((file) => file.startsWith(`${name}_`))?.split('_')[1] ?? 'unknown');
}
