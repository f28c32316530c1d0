/** A plan on buffers of its own, to be recorded as often as wanted: nothing is uploaded or read back between runs. */
import type { Kernel, Plan } from '@circuit-tuning/core';
import { placeName, replay, type Replay } from '@circuit-tuning/testkit';

export async function bind(
  device: GPUDevice,
  kernels: readonly Kernel[],
  ready: Plan,
  leaves: ReadonlyMap<string, ArrayLike<number>>,
): Promise<Replay> {
  const buffers = new Map<string, GPUBuffer>();
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
  ready.slots.forEach((size, slot) => buffers.set(`slot ${slot}`, device.createBuffer({ size, usage })));
  for (const { name, dtype, bytes } of ready.leaves) {
    const buffer = device.createBuffer({ size: bytes, usage });
    const numbers = leaves.get(name)!;
    device.queue.writeBuffer(buffer, 0, dtype === 'u32' ? Uint32Array.from(numbers) : Float32Array.from(numbers));
    buffers.set(name, buffer);
  }
  const { record, dispose } = await replay(device, kernels, ready, (place) => buffers.get(placeName(place))!);
  return {
    record,
    dispose() {
      dispose();
      for (const buffer of buffers.values()) buffer.destroy();
    },
  };
}
