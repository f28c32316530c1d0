/**
 * Everything of an experiment that can be wrong before a device is opened: the model's files, the tasks, what is asked
 * of them. What comes out is complete: every default is filled in.
 */
import { requireBootstrap } from '../attribution/bootstrap.js';
import { needsEqualSides } from '../attribution/attributionMethods.js';
import { methodOf } from '../tuning/methods/index.js';
import { objectivesOf, type Metric } from '../circuit/metric.js';
import { nodesOf, type Convention, type Nodes } from '../circuit/nodes.js';
import { requireGroups } from '../evaluation/prejudice.js';
import { CircuitTuningError, ConfigError, TaskError } from '../errors.js';
import type { Model } from '../io/hfFolder.js';
import { makeBatches } from '../task/batch.js';
import { requirePairs, type Example } from '../task/example.js';
import { readGradedRows, type GradedRow } from '../task/gradedRows.js';
import { readTask, type Task, type TaskOptions } from '../task/read.js';
import { complete, defaultTopN, firstTopN, selectionOf } from './defaults.js';
import type { Experiment } from './experiment.js';
import type { Prepared } from './prepared.js';
import { requireParts } from './scoreParts.js';
import { requireStability } from './stabilityAsked.js';

/** What an experiment reads, by the names that it gives. */
export interface ExperimentFiles {
  text(path: string): Promise<string>;
  model(name: string): Promise<Model>;
}

/** A task for a model, limits and vocabulary checked. */
export const taskFor = (
  { tokenizer, config }: Model,
  text: string,
  name: string,
  { flip = false, limit }: Pick<TaskOptions, 'flip' | 'limit'> = {},
): Task => readTask(text, { name, tokenizer, flip, limit, vocabSize: config.V, maxTokens: config.T });

/** What suits the task: differences where there is something to tell apart, else the loss. */
export function metricFor({ kind, examples }: Pick<Task, 'kind' | 'examples'>): Metric {
  const hasBad = examples.every((it) =>
    it.kind === 'sequence'
      ? it.badAnswer.length > 0
      : it.targets.length > 0 && it.targets.every(({ bad }) => bad.length > 0),
  );
  if (!hasBad) return 'nll';
  return kind === 'sequence' ? 'logprob_diff' : 'logit_diff';
}

export function nodesFor(
  { config }: Model,
  { graph, mlp_block: mlpBlock }: { graph: Convention; mlp_block?: number | 'whole' | undefined },
): Nodes {
  return nodesOf(config, { convention: graph, ...(mlpBlock !== undefined && { mlpBlock }) });
}

/** @throws TaskError naming file and line where the metric cannot be read off an example. */
export function requireMetric(metric: Metric, examples: readonly Example[], name: string): void {
  const sides = metric === 'logit_diff' || metric === 'logprob_diff' ? 'both' : 'good';
  try {
    objectivesOf(metric, makeBatches(examples, { batchSize: 64, sides }));
  } catch (error) {
    // Deep down an example knows its line, not its file.
    if (!(error instanceof CircuitTuningError)) throw error;
    const { where, rule, got, cure } = error;
    throw new TaskError({ where: `${name} ${where}`, rule, got, cure });
  }
}

/** Examples that can be patched position by position. */
export const pairsOf = (examples: readonly Example[]): Example[] =>
  examples.filter((it) =>
    it.kind === 'tokens'
      ? it.corruptTokens?.length === it.tokens.length
      : it.corruptPrompt?.length === it.prompt.length,
  );

export function requireTopN(n: number, { edgeCount }: Nodes, where: string): void {
  if (n <= edgeCount) return;
  const rule = `must be at most the ${edgeCount} edges of this graph`;
  throw new ConfigError({ where, rule, got: n, cure: 'Choose fewer edges, or the other graph convention' });
}

/** @throws ConfigError, WeightError or TaskError. */
export async function prepareExperiment(
  given: Experiment,
  files: ExperimentFiles,
  nameOf = (path: readonly string[]): string => path.join('.'),
): Promise<Prepared> {
  const { data, discovery, evaluation } = given;
  const base = await files.model(given.model);
  const nodes = nodesFor(base, discovery);
  const warnings: string[] = [];
  const read = async (file: string, how: Pick<TaskOptions, 'flip' | 'limit'>): Promise<Task> => {
    const task = taskFor(base, await files.text(file), file, how);
    warnings.push(...task.warnings.map((warning) => `${file}, ${warning}`));
    return task;
  };
  const task = await read(data.task, { flip: data.flip });
  const train = data.train === undefined ? task : await read(data.train, { flip: data.flip });
  const heldOut = data.held_out === undefined ? task : await read(data.held_out, { flip: data.flip });
  const metric = discovery.metric ?? metricFor(task);
  const experiment = complete(given, nodes, metric);
  const search = task.examples.slice(0, discovery.limit);
  const target = heldOut.examples.slice(0, evaluation.limit);
  requireMetric(metric, search, data.task);
  if (heldOut !== task) requireMetric(metric, target, heldOut.name);
  const keep: Record<string, readonly Example[]> = {};
  for (const [name, file] of Object.entries(data.keep))
    keep[name] = (await read(file, { limit: evaluation.limit })).examples.slice(0, evaluation.limit);
  const risked: Record<string, readonly Example[]> = {};
  for (const [name, file] of Object.entries(data.prejudice ?? {})) {
    risked[name] = (await read(file, {})).examples.slice(0, evaluation.limit);
    requireGroups(risked[name], file);
  }
  const graded: Record<string, readonly GradedRow[]> = {};
  for (const [name, { task: file, rule, max_new_tokens: maxNewTokens }] of Object.entries(data.graded ?? {})) {
    const { tokenizer, config } = base;
    const options = { name: file, tokenizer, rule, maxTokens: config.T, maxNewTokens };
    graded[name] = readGradedRows(await files.text(file), options).slice(0, evaluation.limit);
  }

  const { tuning } = experiment;
  requireParts({ nodes, search, experiment });
  requireStability({ search, experiment });
  if (discovery.select === 'stable') requireDraws(experiment, search);
  const patched = discovery.ablation === 'patching';
  const positions = needsEqualSides(discovery.method) ? 'all' : discovery.positions;
  const searched =
    tuning?.search_on === 'batch' && tuning.methods.some((method) => methodOf(method).searches !== 'never');
  if (patched) requirePairs(search, { name: data.task, positions });
  if (tuning && tuning.objective !== 'all') requireMetric('nll_answers', train.examples, train.name);
  if (tuning?.bias_penalty !== undefined) requireMetric('logit_diff', train.examples, train.name);
  if (searched) {
    requireMetric(metric, train.examples, train.name);
    if (patched) requirePairs(train.examples, { name: train.name, positions });
  }
  // Undefined: the circuit that a threshold finds.
  const { faithfulness, curve, completeness, minimality, exact } = experiment.evaluation;
  const sizes = faithfulness ?? [];
  const isTested = faithfulness?.length !== 0 || curve || completeness || minimality !== undefined || exact;
  const paired = patched ? pairsOf(search) : search;
  const pairs = paired.slice(0, evaluation.limit);
  if (isTested && pairs.length === 0)
    throw new TaskError({
      where: data.task,
      rule: 'faithfulness by patching needs pairs of the same number of tokens',
      got: 'none',
      cure: `Choose the mean or zero ablation, or set ${nameOf(['evaluation', 'faithfulness'])} to []`,
    });
  if (isTested && paired.length < search.length)
    warnings.push(
      `${data.task}: ${search.length - paired.length} of ${search.length} pairs have sides of two lengths, which faithfulness leaves out`,
    );
  const select = selectionOf(discovery);
  const topN = select.rule === 'threshold' ? nodes.edgeCount : firstTopN(discovery.top_n ?? defaultTopN(nodes));
  requireTopN(topN, nodes, nameOf(['discovery', 'top_n']));
  if (typeof tuning?.top_n === 'object')
    requireTopN(Math.max(tuning.top_n.from, tuning.top_n.to), nodes, nameOf(['tuning', 'top_n']));
  else if (tuning?.top_n !== undefined) requireTopN(tuning.top_n, nodes, nameOf(['tuning', 'top_n']));
  for (const size of sizes) requireTopN(size, nodes, nameOf(['evaluation', 'faithfulness']));
  return {
    experiment,
    base,
    nodes,
    metric,
    topN,
    select,
    search,
    train: train.examples,
    target,
    pairs,
    keep,
    prejudice: risked,
    graded,
    warnings,
  };
}

/** Each search bootstraps the examples that it looks at. */
function requireDraws({ tuning }: Experiment, search: readonly Example[]): void {
  requireBootstrap(search.length, {});
  if (!tuning || tuning.methods.every((method) => methodOf(method).searches === 'never')) return;
  const { search_on: on, search_sample: sample = search.length, batch_size: size, accumulation } = tuning;
  requireBootstrap(on === 'batch' ? size * accumulation : Math.min(sample, search.length), {});
}
