/** The page of the kernels' test: every kernel that this browser's device can run, against the loops of its op. */
import { capabilitiesOf } from '@circuit-tuning/core';
import { gpuErrors } from '@circuit-tuning/testkit/kernelCheck';
import { kernels } from '../src/index.js';

export interface KernelErrors {
  readonly kernel: string;
  readonly case: string;
  /** Relative L2 error by tensor; null stands for NaN, where something was not written. Empty where it did not run. */
  readonly errors: Readonly<Record<string, number | null>>;
  /** What the device said of it. */
  readonly trouble?: string;
}

async function run(gpu: GPU): Promise<KernelErrors[]> {
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error('there is no adapter');
  // the portable limits and features: nothing that rounds, nothing that needs subgroups
  const device = await adapter.requestDevice();
  const capabilities = capabilitiesOf(device, { isSoftware: true });
  const found: KernelErrors[] = [];
  for (const kernel of kernels.filter(({ isHalf }) => !isHalf))
    for (const aCase of kernel.cases) {
      device.pushErrorScope('validation');
      const errors = await gpuErrors(device, capabilities, kernels, kernel, aCase);
      const trouble = await device.popErrorScope();
      const told = { kernel: kernel.name, case: JSON.stringify(aCase), errors };
      found.push({ ...told, ...(trouble && { trouble: trouble.message }) });
    }
  return found;
}

export default (): void => void Object.assign(globalThis, { run });
