/** Where the files that a reader brings lie in a run: under the paths by which the experiment names them. */
import { ConfigError, show } from '@circuit-tuning/core';

/** What a run writes itself. */
const taken = [
  'experiment.yaml',
  'events.jsonl',
  'manifest.json',
  'report.html',
  'circuits',
  'checkpoints',
  'delta',
  'model',
];

/**
 * `./tasks/a.jsonl` is `tasks/a.jsonl`.
 * @throws ConfigError where it would lie outside of the run, or in place of what the run writes.
 */
export function pathInRun(path: string): string {
  const parts = path.split('/').filter((part) => part !== '.' && part !== '');
  const isOutside = path.startsWith('/') || path.includes('\\') || path.includes(':') || parts.includes('..');
  if (parts.length === 0 || isOutside || taken.includes(parts[0]!))
    throw new ConfigError({
      where: path,
      rule: 'must be a path in the folder of a run, beside what the run writes there itself',
      got: show(path),
      cure: `Name it by a path below the experiment, and not ${taken.join(', ')}`,
    });
  return parts.join('/');
}
