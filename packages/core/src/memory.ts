/**
 * How much memory each use of a model takes on a device, before anything is allocated: the use itself runs, on a device that
 * counts and computes nothing. So every plan, slot, state and input is counted, and nothing has to be foretold twice.
 */
import type { Capabilities, Kernel } from './kernel.js';
import type { ModelConfig } from './model/config.js';
import { DeviceModel } from './model/deviceModel.js';
import { parameterBytes, type WeightDType } from './model/parameters.js';
import { countingDevice } from './run/countingDevice.js';
import { Session } from './run/session.js';

/** Bytes on the device, at the most. What carries numbers back to the host for a moment is left out. */
export interface MemoryUse {
  /** The model's parameters. */
  readonly parameters: number;
  /** What lives across runs: scores, means, masks, optimizer states; and what is uploaded for one. */
  readonly states: number;
  /** Temporaries of one run: shared by the programs of a session. */
  readonly temporaries: number;
  readonly total: number;
}

/** What must be known of a device that is not opened, or not filled. */
export interface MemoryFacts {
  readonly kernels: readonly Kernel[];
  readonly capabilities: Capabilities;
  /** What weights lie there as; f32 unless told. */
  readonly dtype?: WeightDType | undefined;
}

/** @throws what the work throws: LimitError where the device cannot do it at all. */
export async function memoryOf(
  config: ModelConfig,
  { kernels, capabilities, dtype = 'f32' }: MemoryFacts,
  work: (model: DeviceModel) => Promise<void>,
): Promise<MemoryUse> {
  const { limits, subgroup, subgroupMatrices, isSoftware, precision } = capabilities;
  const counted = countingDevice(capabilities);
  const facts = { limits, isSoftware, precision, subgroupMatrices, ...(subgroup && { subgroup }) };
  const session = new Session({ device: counted.device, kernels, ...facts });
  try {
    await work(DeviceModel.unfilled(session, config, dtype));
    const parameters = parameterBytes(config, dtype);
    const temporaries = session.sharedBytes;
    const total = counted.peak;
    return { parameters, states: total - parameters - temporaries, temporaries, total };
  } finally {
    session.dispose();
  }
}
