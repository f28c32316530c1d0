/** A sweep from the text of an experiment file. */
import { pathText, rawExperiment, type ReadOptions } from '../experiment/readExperiment.js';
import { planSweep, type SweepPlan } from './plan.js';

/**
 * Undefined where the file has no `sweep`. Settings are put over the file before cells are made of it; the paths of both are resolved as those of experiments are.
 * @throws ConfigError naming the file, the key and the cure, for any cell.
 */
export function readSweep(text: string, options: ReadOptions): SweepPlan | undefined {
  const { name, resolve } = options;
  const raw = rawExperiment(text, options);
  if (raw.sweep === undefined) return undefined;
  return planSweep(raw, (path) => `${name}: ${pathText(path)}`, resolve);
}
