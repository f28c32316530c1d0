/**
 * What commands do on a device, as far as it allocates: the same calls with the longest of their examples. `--memory` runs
 * them on a device that only counts, and `inspect` those of every command.
 */
import {
  attributionOf,
  bootstrapOf,
  generate,
  longest,
  measure,
  readHeads,
  readUpstream,
  rehearseAnswers,
  rehearseParts,
  rehearseSearch,
  rehearseStability,
  rehearseTests,
  stabilityTestOf,
  type Ablation,
  type DeviceModel,
  type Example,
  type Experiment,
  type GradedRow,
  type Metric,
  type Nodes,
  type Prepared,
} from '@circuit-tuning/core';

/** Batches that are looked at: a second one shows what is kept between them. */
const BATCHES = 2;

export interface Evaluated {
  readonly examples: readonly Example[];
  readonly metric: Metric;
  readonly prejudice?: boolean | undefined;
  readonly circuit?:
    | {
        readonly nodes: Nodes;
        readonly ablation: Ablation;
        readonly exact?: boolean;
        readonly sample?: number | undefined;
      }
    | undefined;
  readonly graded?: { readonly rows: readonly Pick<GradedRow, 'prompt'>[]; readonly maxNewTokens: number } | undefined;
}

export async function rehearseEvaluate(
  model: DeviceModel,
  { examples, metric, prejudice = false, circuit, graded }: Evaluated,
  batchSize: number,
): Promise<void> {
  const some = longest(examples, BATCHES * batchSize);
  for (const one of new Set<Metric>(['nll', metric, ...(prejudice ? (['logit_diff'] as const) : [])]))
    await measure(model, some, { metric: one, batchSize });
  if (graded) await rehearseAnswers(model, graded.rows, { ...graded, batchSize });
  if (!circuit) return;
  const { nodes, ablation, exact, sample } = circuit;
  await rehearseTests(model, some, nodes, { metric, ablation, batchSize }, { exact, sample });
}

export async function rehearseDiscover(model: DeviceModel, prepared: Prepared): Promise<void> {
  const { discovery } = prepared.experiment;
  const { batch_size: batchSize, per_example: perExample } = discovery;
  const search = longest(prepared.search, BATCHES * batchSize);
  const { topN, select } = prepared;
  const options = { ...attributionOf(prepared), topN, select, bootstrap: bootstrapOf(prepared), batchSize, perExample };
  await rehearseSearch(model, search, options, prepared.search.length);
  await rehearseParts(model, { ...prepared, search });
}

export const rehearseStable = (model: DeviceModel, prepared: Prepared): Promise<void> => {
  const { search, experiment } = prepared;
  const few = { ...prepared, search: longest(search, BATCHES * experiment.discovery.batch_size) };
  return rehearseStability(model, few, stabilityTestOf(few, experiment.stability!), search.length);
};

export const withDiscovery = (prepared: Prepared, changes: Partial<Experiment['discovery']>): Prepared => {
  const { experiment } = prepared;
  return { ...prepared, experiment: { ...experiment, discovery: { ...experiment.discovery, ...changes } } };
};

/** @param length tokens of the prompt and of what is said, at the most. */
export async function rehearseGenerate(model: DeviceModel, promptLength: number, length: number): Promise<void> {
  const prompt = Array<number>(Math.max(1, Math.min(promptLength, length - 1))).fill(0);
  const said = generate(model, prompt, { maxTokens: Math.max(1, length - prompt.length) });
  while (!(await said.next()).done);
}

export async function rehearseAnalyze(
  model: DeviceModel,
  examples: readonly Example[],
  upstream: { readonly heads: readonly string[]; readonly ablation: Ablation } | undefined,
  batchSize: number,
): Promise<void> {
  const some = longest(examples, BATCHES * batchSize);
  await readHeads(model, some, { batchSize });
  if (upstream) await readUpstream(model, some, { ...upstream, batchSize });
}
