/** `--memory`: a command is planned before it begins, and refused where it would take more of the device. */
import {
  bytesInWords,
  capabilitiesOf,
  cutTo,
  experimentMemory,
  memoryOf,
  requireMemory,
  tokensOf,
  type DeviceModel,
  type Example,
  type Experiment,
  type MemoryFacts,
  type MemoryUse,
  type Model,
  type Precision,
  type Prepared,
} from '@circuit-tuning/core';
import { kernels } from '@circuit-tuning/kernels-wgsl';
import type { Command } from 'commander';
import type { DTypeFlag } from './dtype.js';
import { openGpu } from './gpu.js';
import type { PrecisionFlag } from './precision.js';
import { byteCount } from './values.js';

export interface MemoryFlag {
  readonly memory?: string | undefined;
}

export const addMemory = (command: Command): Command =>
  command.option('--memory <size>', 'refuse to begin where it would take more of the device, as in 2GiB');

const budgetOf = ({ memory }: MemoryFlag): number | undefined =>
  memory === undefined ? undefined : byteCount('--memory')(memory);

/** Opens the adapter and gives it back: nothing is put on it. */
export async function memoryFactsHere(precision?: Precision): Promise<MemoryFacts & { readonly adapter: string }> {
  const { device, info, dispose } = await openGpu({ precision });
  const { isSoftware, subgroup, subgroupMatrices, name } = info;
  const facts = { isSoftware, precision, subgroupMatrices, ...(subgroup && { subgroup }) };
  const capabilities = capabilitiesOf(device, facts);
  dispose();
  return { kernels, capabilities, adapter: name };
}

type Work = (model: DeviceModel, batchSize: number, examples: readonly Example[]) => Promise<unknown>;

interface Asked {
  readonly base: Model;
  /** The command, as errors call it. */
  readonly where: string;
  readonly batchSize: number;
  readonly examples: readonly Example[];
  /** What else it could do, in the user's words. */
  readonly others?: Readonly<Record<string, Work>> | undefined;
  /** Whether it has `--dtype`. */
  readonly takesDType?: boolean;
  /** What a user does for texts of at most so many tokens; undefined where nothing can be done. */
  readonly shorter?: ((most: number) => string) | undefined;
}

/** @throws LimitError above the budget; without one, nothing is planned. */
export async function requireBudget(
  flag: MemoryFlag & PrecisionFlag & DTypeFlag,
  { base, where, batchSize, examples, others = {}, takesDType = true, shorter }: Asked,
  work: Work,
): Promise<void> {
  const bytes = budgetOf(flag);
  if (bytes === undefined) return;
  const facts = await memoryFactsHere(flag.precision);
  const budget = { bytes, where, batchSize, knobs: { batch: '--batch-size', budget: '--memory' } };
  const needs =
    (what: Work, given = examples, dtype = flag.dtype) =>
    (size: number) =>
      memoryOf(base.config, { ...facts, dtype }, async (model) => void (await what(model, size, given)));
  const most = half(examples);
  const ways = Object.entries(others).map(([cure, other]) => ({ cure, needs: needs(other) }));
  if (takesDType && flag.dtype !== 'f16')
    ways.push({ cure: 'round the weights to f16 (--dtype f16)', needs: needs(work, examples, 'f16') });
  if (shorter) ways.push({ cure: shorter(most), needs: needs(work, cut(examples, most)) });
  tell(await requireMemory(budget, needs(work), ways), bytes);
}

/** On stderr, beside progress. */
const tell = ({ total }: MemoryUse, most: number): void =>
  void process.stderr.write(`memory: ${bytesInWords(total)} planned, of ${bytesInWords(most)} (--memory)\n`);

/** Half the tokens of the longest. */
const half = (...lists: readonly (readonly Example[])[]): number =>
  Math.max(1, Math.floor(Math.max(...lists.flat().map(tokensOf)) / 2));

const cut = (examples: readonly Example[], most: number): Example[] => examples.map((it) => cutTo(it, most));

export const shorterThan = (most: number): string => `leave out examples of more than ${most} tokens`;

/**
 * The same for a whole experiment, all batch sizes of which shrink together.
 * @returns it as it fits: where what a search keeps for its step would be too much, nothing is kept.
 */
export async function requireExperimentBudget(
  flag: MemoryFlag,
  prepared: Prepared,
  { where, nameOf }: { readonly where: string; readonly nameOf: (...path: string[]) => string },
): Promise<Prepared> {
  const bytes = budgetOf(flag);
  if (bytes === undefined) return prepared;
  const facts = await memoryFactsHere(prepared.experiment.precision);
  const { discovery, tuning, evaluation } = prepared.experiment;
  const batchSize = Math.max(discovery.batch_size, tuning?.batch_size ?? 1, evaluation.batch_size);
  const sections = (['tuning', 'discovery', 'evaluation'] as const).filter((section) => prepared.experiment[section]);
  // A command has one flag for all of them.
  const batch = [...new Set(sections.map((section) => nameOf(section, 'batch_size')))].join(' and ');
  const budget = { bytes, where, batchSize, knobs: { batch, budget: '--memory' } };
  const asked = await experimentMemory(prepared, facts);
  if (asked.total <= bytes) {
    tell(asked, bytes);
    return prepared;
  }
  const least = { ...prepared, forwardBytes: 0 };
  const needs =
    (changed: Prepared) =>
    (most: number): Promise<MemoryUse> =>
      experimentMemory(withBatches(changed, most), facts);
  const others = lesser(least, nameOf).map(([cure, changed]) => ({ cure, needs: needs(changed) }));
  tell(await requireMemory(budget, needs(least), others), bytes);
  return least;
}

/** The experiment changed so that it may take less, each by the change in the user's words. */
function lesser(prepared: Prepared, nameOf: (...path: string[]) => string): [string, Prepared][] {
  const { experiment, search, train, target, pairs, keep } = prepared;
  const { discovery, tuning } = experiment;
  const found: [string, Prepared][] = [];
  if (discovery.positions === 'all')
    found.push([
      `score the answers alone (${nameOf('discovery', 'positions')} answer)`,
      { ...prepared, experiment: { ...experiment, discovery: { ...discovery, positions: 'answer' } } },
    ]);
  if (!tuning && experiment.dtype !== 'f16')
    found.push([
      `round the weights to f16 (${nameOf('dtype')} f16)`,
      { ...prepared, experiment: { ...experiment, dtype: 'f16' } },
    ]);
  const fewer = Math.round(prepared.topN / 10);
  if (tuning && typeof tuning.top_n !== 'object' && fewer > 0)
    found.push([
      `keep ${fewer} edges (${nameOf('discovery', 'top_n')})`,
      { ...prepared, topN: fewer, experiment: { ...experiment, tuning: { ...tuning, top_n: fewer } } },
    ]);
  const most = half(search, train, target, pairs, ...Object.values(keep));
  const kept = Object.entries(keep).map(([name, examples]) => [name, cut(examples, most)] as const);
  const short = { search: cut(search, most), train: cut(train, most), target: cut(target, most) };
  found.push([shorterThan(most), { ...prepared, ...short, pairs: cut(pairs, most), keep: Object.fromEntries(kept) }]);
  return found;
}

function withBatches(prepared: Prepared, most: number): Prepared {
  const smaller = <S extends { readonly batch_size: number }>(section: S): S => ({
    ...section,
    batch_size: Math.min(section.batch_size, most),
  });
  const { discovery, tuning, evaluation } = prepared.experiment;
  const experiment: Experiment = {
    ...prepared.experiment,
    discovery: smaller(discovery),
    evaluation: smaller(evaluation),
    ...(tuning && { tuning: smaller(tuning) }),
  };
  return { ...prepared, experiment };
}
