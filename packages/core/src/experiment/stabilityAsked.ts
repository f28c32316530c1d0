/** The section `stability` of an experiment as the engine takes it, and its files. */
import { requireBootstrap } from '../attribution/bootstrap.js';
import { toGraphJson } from '../circuit/circuitJson.js';
import { textFile, type OutputFile } from '../io/hfExport.js';
import { attributionMeta, attributionOf } from './attribution.js';
import type { Experiment, StabilitySection } from './experiment.js';
import type { Prepared } from './prepared.js';
import { requireExampleParts, type StabilityFound, type StabilityTest } from './testStability.js';

/** What may be varied, each a key of the discovery; and the seed, which the draws have. */
const keys = ['ablation', 'method', 'steps', 'riemann'] as const;

/** The discoveries that the section asks for besides, each with one key changed. */
export const variedDiscoveries = (
  discovery: Experiment['discovery'],
  { vary = {} }: StabilitySection,
): { readonly key: (typeof keys)[number]; readonly name: string; readonly discovery: Experiment['discovery'] }[] =>
  keys.flatMap((key) =>
    (vary[key] ?? []).map((value) => ({ key, name: `${value}`, discovery: { ...discovery, [key]: value } })),
  );

const bootstrapAsked = ({ resamples, confidence }: StabilitySection, seed: number) => ({
  ...(resamples !== undefined && { resamples }),
  ...(confidence !== undefined && { confidence }),
  seed,
});

/** Before a device is opened. @throws ConfigError or TaskError where the examples have not what is asked for. */
export function requireStability({ search, experiment }: Pick<Prepared, 'search' | 'experiment'>): void {
  const { stability, seed } = experiment;
  if (!stability) return;
  requireBootstrap(search.length, bootstrapAsked(stability, seed));
  requireExampleParts(search, { folds: stability.folds, byTemplate: stability.by_template, seed });
}

/** @param section of the prepared experiment. */
export function stabilityTestOf(prepared: Prepared, section: StabilitySection): StabilityTest {
  const { experiment } = prepared;
  const { folds, by_template: byTemplate, vary } = section;
  return {
    bootstrap: bootstrapAsked(section, experiment.seed),
    ...(folds !== undefined && { folds }),
    byTemplate,
    others: variedDiscoveries(experiment.discovery, section).map(({ key, name, discovery }) => ({
      source: key,
      name,
      how: {
        ...attributionOf({ ...prepared, experiment: { ...experiment, discovery } }),
        batchSize: discovery.batch_size,
      },
    })),
    seeds: vary?.seed ?? [],
  };
}

/** `stability.json`, and the stable core as a graph, `core.json`. */
export function stabilityFiles(prepared: Prepared, { record, core, scores }: StabilityFound): OutputFile[] {
  const meta = { ...attributionMeta(prepared), select: 'stable', examples: record.examples };
  return [
    textFile('stability.json', `${JSON.stringify(record)}\n`),
    textFile('core.json', `${JSON.stringify(toGraphJson(core, scores.values, meta))}\n`),
  ];
}
