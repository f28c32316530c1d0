/** A run as files, wherever it lies: in a folder, a zip, the browser's storage, or memory. A keeper is one too. */
import { ConfigError, type Keeper, type Source } from '@circuit-tuning/core';

export type RunFiles = Pick<Keeper, 'name' | 'open' | 'list'>;

/** A file and where it lay in what was picked or dropped, with slashes. */
export interface PathFile {
  readonly path: string;
  readonly file: File;
}

/**
 * The run among files of which it may not be the only ones: the folder that holds events.jsonl, or experiment.yaml where
 * there is none. Paths of what comes back are relative to it.
 * @param open opens one of `paths`.
 * @throws ConfigError where there is no run, or more than one.
 */
export function runAmong(
  name: string,
  paths: readonly string[],
  open: (path: string) => Source | Promise<Source>,
): RunFiles {
  const holding = (file: string): string[] =>
    paths.filter((path) => path === file || path.endsWith(`/${file}`)).map((path) => path.slice(0, -file.length));
  const found = holding('events.jsonl');
  const folders = found.length > 0 ? found : holding('experiment.yaml');
  const [folder] = folders;
  if (folder === undefined || folders.length > 1)
    throw new ConfigError({
      where: name,
      rule: 'must hold one run of circuit-tuning, with its events.jsonl',
      got: folder === undefined ? 'none' : `${folders.length}: ${folders.map((it) => it || '.').join(', ')}`,
      cure:
        folder === undefined
          ? 'Open the folder that `circuit-tuning run --out` wrote, or a zip that this page saved'
          : 'Open one of these folders',
    });
  const inside = new Set(paths.filter((path) => path.startsWith(folder)).map((path) => path.slice(folder.length)));
  return {
    name,
    open: async (path) => (inside.has(path) ? open(folder + path) : undefined),
    async list(path) {
      const start = path === '' ? '' : `${path}/`;
      const below = [...inside].filter((it) => it.startsWith(start));
      return [...new Set(below.map((it) => it.slice(start.length).split('/')[0]!))];
    },
  };
}
