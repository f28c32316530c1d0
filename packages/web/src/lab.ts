/** A model on this browser's device. */
import { DeviceModel, Session, type Model } from '@circuit-tuning/core';
import { kernels } from '@circuit-tuning/kernels-wgsl';
import { openBrowserGpu, type BrowserGpu, type BrowserGpuOptions } from './gpu.js';

export interface BrowserLab {
  readonly gpu: BrowserGpu;
  readonly session: Session;
  readonly base: Model;
  readonly model: DeviceModel;
  /** Gives the device and all of its memory back. */
  dispose(): void;
}

export interface BrowserLabOptions extends BrowserGpuOptions {
  readonly onProgress?: (done: number, of: number) => void;
}

/** @throws BrowserGpuError, WeightError (a NaN shows here), LimitError. */
export async function openBrowserLab(base: Model, options: BrowserLabOptions = {}): Promise<BrowserLab> {
  const gpu = await openBrowserGpu(options);
  const { device, isSoftware, subgroup } = gpu;
  try {
    const session = new Session({ device, kernels, isSoftware, ...(subgroup && { subgroup }) });
    const model = await DeviceModel.load(session, base.config, base.weights, options.onProgress);
    return {
      gpu,
      session,
      base,
      model,
      dispose() {
        model.dispose();
        session.dispose();
        device.destroy();
      },
    };
  } catch (error) {
    device.destroy();
    throw error;
  }
}
