/** A model on the device, and the memory that goes with it. */
import { DeviceModel, type Model, type Session } from '@circuit-tuning/core';
import { sessionOn } from '../browserModel.js';
import type { BrowserGpu } from '../gpu.js';

export interface Placed {
  readonly session: Session;
  readonly model: DeviceModel;
}

/** @throws LimitError where it does not fit, and what `onProgress` throws. */
export async function place(
  gpu: BrowserGpu,
  { config, weights }: Model,
  onProgress?: (done: number, of: number) => void,
): Promise<Placed> {
  const session = sessionOn(gpu);
  try {
    return { session, model: await DeviceModel.load(session, config, weights, { onProgress }) };
  } catch (error) {
    session.dispose();
    throw error;
  }
}

export function giveBack({ session, model }: Placed): void {
  model.dispose();
  session.dispose();
}
