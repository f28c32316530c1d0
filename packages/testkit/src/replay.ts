/** Runs a plan on buffers of the caller's own, without a session: guarded ones in the generic test, timed ones in the bench. */
import type { Kernel, Plan } from '@circuit-tuning/core';

export type Place = Plan['fetches'][number]['place'];
export type Dispatch = Plan['dispatches'][number];

/** 'slot 3', or the leaf's name. */
export const placeName = (place: Place): string => ('slot' in place ? `slot ${place.slot}` : place.leaf);

export interface Replay {
  /** Records the dispatches, or those that `wanted` keeps. */
  record(pass: GPUComputePassEncoder, wanted?: (dispatch: Dispatch) => boolean): void;
  dispose(): void;
}

export async function replay(
  device: GPUDevice,
  kernels: readonly Kernel[],
  ready: Plan,
  bufferOf: (place: Place) => GPUBuffer,
): Promise<Replay> {
  // Slots are bound whole below.
  if (ready.dispatches.some(({ bindings }) => bindings.some(({ place, offset }) => 'slot' in place && offset > 0)))
    throw new Error('replay: needs a plan whose temporaries lie apart');
  const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
  const uniform = device.createBuffer({ size: ready.params.byteLength, usage });
  device.queue.writeBuffer(uniform, 0, ready.params);
  const modules = new Map(kernels.map(({ name, wgsl }) => [name, wgsl]));
  const steps: { dispatch: Dispatch; pipeline: GPUComputePipeline; group: GPUBindGroup }[] = [];
  for (const dispatch of ready.dispatches) {
    const { kernel, entry, constants, bindings, params } = dispatch;
    const pipeline = await device.createComputePipelineAsync({
      label: `${kernel}.${entry}`,
      layout: 'auto',
      compute: { module: device.createShaderModule({ code: modules.get(kernel)! }), entryPoint: entry, constants },
    });
    const entries: GPUBindGroupEntry[] = bindings.map(({ binding, place, access, bytes }) => ({
      binding,
      // What is written is bound whole: an overrun lands in the guard behind it instead of being clamped away.
      resource: { buffer: bufferOf(place), ...(access === 'read' && { size: bytes }) },
    }));
    if (params) {
      const { binding, offset, size } = params;
      entries.push({ binding, resource: { buffer: uniform, offset, size } });
    }
    const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    steps.push({ dispatch, pipeline, group });
  }
  return {
    record(pass, wanted = () => true) {
      for (const { dispatch, pipeline, group } of steps) {
        if (!wanted(dispatch)) continue;
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(...dispatch.grid);
      }
    },
    dispose: () => uniform.destroy(),
  };
}
