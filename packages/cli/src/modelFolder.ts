/**
 * Where a model lies that was named on the command line: a folder, or `org/name[@revision]` in the local cache of the
 * Hugging Face Hub (https://huggingface.co/docs/huggingface_hub/guides/manage-cache). Nothing is downloaded here.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@circuit-tuning/core';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The folder of a model.
 * @throws ConfigError where it is neither a folder nor in the cache; the cure is the command that gets it.
 */
export async function modelFolder(name: string, environment: Environment = process.env): Promise<string> {
  if (await isFolder(name)) return name;
  const [repo = '', revision = 'main'] = name.split('@');
  const cached = /^[\w.-]+(\/[\w.-]+)?$/.test(repo) && !repo.includes('..');
  if (!cached || !/^[\w./-]+$/.test(revision) || revision.includes('..'))
    throw new ConfigError({
      where: name,
      rule: 'must be a model folder, or the name of a model on the Hugging Face Hub',
      got: 'neither',
      cure: 'Check the path',
    });
  const place = join(cacheFolder(environment), `models--${repo.replace('/', '--')}`);
  // A full commit hash needs no ref.
  const commit = (await readFile(join(place, 'refs', revision), 'utf8').catch(() => revision)).trim();
  const snapshot = join(place, 'snapshots', commit);
  if (await isFolder(snapshot)) return snapshot;
  const others = await readdir(join(place, 'snapshots')).catch(() => []);
  const command = `hf download ${repo}${revision === 'main' ? '' : ` --revision ${revision}`}`;
  throw new ConfigError({
    where: name,
    rule: 'must be a model folder, or in the Hugging Face cache',
    got: others.length > 0 ? `other revisions only: ${others.join(', ')}` : `nothing at ${place}`,
    cure: `Get it with \`${command}\`, or give the folder of a model`,
  });
}

/** In the order in which huggingface_hub itself looks. */
export const cacheFolder = (environment: Environment): string =>
  environment.HF_HUB_CACHE ??
  environment.HUGGINGFACE_HUB_CACHE ??
  join(environment.HF_HOME ?? join(environment.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'huggingface'), 'hub');

const isFolder = async (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
