/** `--memory`: a command is planned before it begins, and refused where it would take more of the device. */
import {
  capabilitiesOf,
  experimentMemory,
  memoryOf,
  requireMemory,
  type DeviceModel,
  type Experiment,
  type MemoryFacts,
  type Model,
  type Precision,
  type Prepared,
} from '@circuit-tuning/core';
import { kernels } from '@circuit-tuning/kernels-wgsl';
import type { Command } from 'commander';
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
  const { isSoftware, subgroup, name } = info;
  const capabilities = capabilitiesOf(device, { isSoftware, precision, ...(subgroup && { subgroup }) });
  dispose();
  return { kernels, capabilities, adapter: name };
}

interface Asked {
  readonly base: Model;
  /** The command, as errors call it. */
  readonly where: string;
  readonly batchSize: number;
}

/** @throws LimitError above the budget; without one, nothing is planned. */
export async function requireBudget(
  flag: MemoryFlag & PrecisionFlag,
  { base, where, batchSize }: Asked,
  work: (model: DeviceModel, batchSize: number) => Promise<unknown>,
): Promise<void> {
  const bytes = budgetOf(flag);
  if (bytes === undefined) return;
  const facts = await memoryFactsHere(flag.precision);
  const budget = { bytes, where, batchSize, knobs: { batch: '--batch-size', budget: '--memory' } };
  await requireMemory(budget, (size) => memoryOf(base.config, facts, async (model) => void (await work(model, size))));
}

/**
 * The same for a whole experiment, all batch sizes of which shrink together.
 * @returns it as it fits: where what a search keeps for its step would be too much, nothing is kept.
 */
export async function requireExperimentBudget(
  flag: MemoryFlag,
  prepared: Prepared,
  { where, batch }: { readonly where: string; readonly batch: string },
): Promise<Prepared> {
  const bytes = budgetOf(flag);
  if (bytes === undefined) return prepared;
  const facts = await memoryFactsHere(prepared.experiment.precision);
  const { discovery, tuning, evaluation } = prepared.experiment;
  const batchSize = Math.max(discovery.batch_size, tuning?.batch_size ?? 1, evaluation.batch_size);
  const budget = { bytes, where, batchSize, knobs: { batch, budget: '--memory' } };
  if ((await experimentMemory(prepared, facts)).total <= bytes) return prepared;
  const least = { ...prepared, forwardBytes: 0 };
  await requireMemory(budget, (most) => experimentMemory(withBatches(least, most), facts));
  return least;
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
