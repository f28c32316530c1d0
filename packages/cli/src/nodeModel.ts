/** A device with a model on it. */
import {
  DeviceModel,
  Session,
  type Model,
  type Precision,
  type Profiler,
  type WeightDType,
} from '@circuit-tuning/core';
import { kernels } from '@circuit-tuning/kernels-wgsl';
import { openGpu, type GpuInfo } from './gpu.js';

export interface NodeModel {
  readonly info: GpuInfo;
  readonly session: Session;
  readonly base: Model;
  readonly model: DeviceModel;
  dispose(): void;
}

export interface OpenOptions {
  readonly onProgress?: (done: number, of: number) => void;
  readonly profiler?: Profiler | undefined;
  readonly precision?: Precision | undefined;
  readonly dtype?: WeightDType | undefined;
}

/** @throws AdapterError, ConfigError for a precision that the adapter has not, WeightError (a NaN shows here), LimitError. */
export async function openNodeModel(
  base: Model,
  { onProgress, profiler, precision, dtype }: OpenOptions = {},
): Promise<NodeModel> {
  const { device, info, dispose } = await openGpu({ exactTimestamps: profiler !== undefined, precision });
  const { isSoftware, subgroup, subgroupMatrices } = info;
  const session = new Session({
    device,
    kernels,
    isSoftware,
    precision,
    subgroupMatrices,
    ...(subgroup && { subgroup }),
    ...(profiler && { profiler }),
  });
  const model = await DeviceModel.load(session, base.config, base.weights, { onProgress, dtype });
  return {
    info,
    session,
    base,
    model,
    dispose() {
      model.dispose();
      session.dispose();
      dispose();
    },
  };
}
