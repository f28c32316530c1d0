/** What an experiment takes of the device's memory, before it is loaded. */
import {
  capabilitiesOf,
  experimentMemory,
  LimitError,
  parameterBytes,
  parameterCount,
  type Prepared,
} from '@circuit-tuning/core';
import { kernels } from '@circuit-tuning/kernels-wgsl';
import type { BrowserGpu } from '../gpu.js';
import type { CheckedFacts } from './protocol.js';
import { LabError } from './trouble.js';

type Facts = Pick<BrowserGpu, 'device' | 'isSoftware' | 'subgroup'>;

/** Where it does not fit, the bytes are those of the model alone. */
export async function memoryFacts(
  prepared: Prepared,
  { device, isSoftware, subgroup }: Facts,
): Promise<NonNullable<CheckedFacts['memory']>> {
  const capabilities = capabilitiesOf(device, { isSoftware, ...(subgroup && { subgroup }) });
  try {
    return { bytes: (await experimentMemory(prepared, { kernels, capabilities })).total };
  } catch (error) {
    if (!(error instanceof LimitError)) throw error;
    return { bytes: parameterBytes(prepared.base.config, 'f32'), problem: error.message };
  }
}

/** Whether an upload takes no longer than finding out. */
export const isSmall = ({ base: { config } }: Prepared): boolean => parameterCount(config) < 4_000_000;

/** @throws LabError of kind LimitError where some part of the experiment cannot run on the device: before the upload. */
export async function requireRoom(prepared: Prepared, gpu: Facts): Promise<void> {
  if (isSmall(prepared)) return;
  const { problem: message } = await memoryFacts(prepared, gpu);
  if (message !== undefined) throw new LabError({ kind: 'LimitError', message });
}
