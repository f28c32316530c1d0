/** A sweep from the text of an experiment file, and perhaps of a file with its section. */
import { parseYaml, pathText, rawExperiment, type ReadOptions } from '../experiment/readExperiment.js';
import { planSweep, type SweepPlan } from './plan.js';

export interface ReadSweepOptions extends ReadOptions {
  /** The keys of a `sweep` section, in place of the experiment's own; the sweep is then called after both files. */
  readonly section?: { readonly name: string; readonly text: string };
}

/**
 * Undefined where nothing asks for a sweep. Settings are put over the file before cells are made of it; the paths of both
 * are resolved as those of experiments are.
 * @throws ConfigError naming the file, the key and the cure, for any cell.
 */
export function readSweep(text: string, options: ReadSweepOptions): SweepPlan | undefined {
  const { name, resolve, section } = options;
  const raw = rawExperiment(text, {
    ...options,
    ...(section && { also: { sweep: parseYaml(section.text, section.name) } }),
  });
  if (raw.sweep === undefined) return undefined;
  if (section)
    raw.name = `${String(raw.name ?? 'experiment')}-${section.name.replace(/^.*[\\/]/, '').replace(/\.ya?ml$/, '')}`;
  return planSweep(raw, (path) => `${name}: ${pathText(path)}`, resolve);
}
