/** A model on this browser's device. */
import { DeviceModel, Session, type Model, type Precision, type WeightDType } from '@circuit-tuning/core';
import { kernels } from '@circuit-tuning/kernels-wgsl';
import { openBrowserGpu, type BrowserGpu, type BrowserGpuOptions } from './gpu.js';

export interface BrowserModel {
  readonly gpu: BrowserGpu;
  readonly session: Session;
  readonly base: Model;
  readonly model: DeviceModel;
  /** Gives the device and all of its memory back. */
  dispose(): void;
}

export interface BrowserModelOptions extends BrowserGpuOptions {
  readonly precision?: Precision | undefined;
  readonly dtype?: WeightDType | undefined;
  readonly onProgress?: (done: number, of: number) => void;
}

/** Submits that a device may have before it: what the page draws waits behind them, and so does whoever stops a run. */
const MOST_IN_FLIGHT = 4;

/** Buffers and programs of one model on the device; several may share it. */
export const sessionOn = ({ device, isSoftware, subgroup }: BrowserGpu, precision?: Precision): Session =>
  new Session({ device, kernels, isSoftware, precision, maxInFlight: MOST_IN_FLIGHT, ...(subgroup && { subgroup }) });

/** @throws BrowserGpuError, ConfigError for a precision that the device has not, WeightError (a NaN shows here), LimitError. */
export async function openBrowserModel(base: Model, options: BrowserModelOptions = {}): Promise<BrowserModel> {
  const gpu = await openBrowserGpu(options);
  try {
    const session = sessionOn(gpu, options.precision);
    const model = await DeviceModel.load(session, base.config, base.weights, options);
    return {
      gpu,
      session,
      base,
      model,
      dispose() {
        model.dispose();
        session.dispose();
        gpu.close();
      },
    };
  } catch (error) {
    gpu.close();
    throw error;
  }
}
