/** What an experiment takes of the device's memory, from plans alone: nothing is loaded and nothing runs. */
import { capabilitiesOf, memoryOf, parameterCount, type Example, type Prepared } from '@circuit-tuning/core';
import { kernels } from '@circuit-tuning/kernels-wgsl';
import type { BrowserGpu } from '../gpu.js';
import type { CheckedFacts } from './protocol.js';
import { LabError } from './trouble.js';

const lengthOf = (example: Example): number =>
  example.kind === 'tokens'
    ? example.tokens.length
    : example.prompt.length + Math.max(example.goodAnswer.length, example.badAnswer.length) - 1;

/** Of the part that takes most, its batches as long as the longest example. */
export function memoryFacts(
  { base: { config }, nodes, experiment, search, train, target, keep }: Prepared,
  { device, isSoftware, subgroup }: Pick<BrowserGpu, 'device' | 'isSoftware' | 'subgroup'>,
): NonNullable<CheckedFacts['memory']> {
  const { discovery, tuning, evaluation } = experiment;
  const examples = [search, train, target, ...Object.values(keep)].flat();
  const T = Math.min(
    config.T,
    examples.reduce((most, example) => Math.max(most, lengthOf(example)), 1),
  );
  const memory = memoryOf(config, {
    kernels,
    capabilities: capabilitiesOf(device, { isSoftware, ...(subgroup && { subgroup }) }),
    nodes,
    B: Math.max(discovery.batch_size, evaluation.batch_size, tuning?.batch_size ?? 1),
    T,
    ablation: discovery.ablation,
    optimizer: tuning?.optimizer ?? 'sgd',
  });
  const methods = tuning?.methods ?? [];
  const parts = [
    memory.evaluate,
    memory.discover,
    ...(experiment.evaluation.faithfulness?.length ? [memory.faithfulness] : []),
    ...(methods.some((method) => method !== 'full') ? [memory['tune the circuit']] : []),
    ...(methods.includes('full') ? [memory['tune everything']] : []),
  ];
  const problem = parts.find((part) => typeof part === 'string');
  const bytes = Math.max(...parts.map((part) => (typeof part === 'string' ? 0 : part.total)));
  return { bytes, ...(problem !== undefined && { problem }) };
}

/** Whether an upload takes no longer than the plans that memory is read from. */
export const isSmall = ({ base: { config } }: Prepared): boolean => parameterCount(config) < 4_000_000;

/** @throws LabError of kind LimitError where some part of the experiment cannot run on the device: before the upload. */
export function requireRoom(prepared: Prepared, gpu: Pick<BrowserGpu, 'device' | 'isSoftware' | 'subgroup'>): void {
  if (isSmall(prepared)) return;
  const { problem: message } = memoryFacts(prepared, gpu);
  if (message !== undefined) throw new LabError({ kind: 'LimitError', message });
}
