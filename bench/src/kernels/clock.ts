/** Times compute passes: by timestamp queries, or by the wall clock where the device has none. */

export interface Clock {
  readonly kind: 'timestamp' | 'wall';
  /** Milliseconds from the start of the pass to its end. */
  time(body: (pass: GPUComputePassEncoder) => void): Promise<number>;
  dispose(): void;
}

export function openClock(device: GPUDevice): Clock {
  const submit = async (
    body: (pass: GPUComputePassEncoder) => void,
    descriptor?: GPUComputePassDescriptor,
    after?: (encoder: GPUCommandEncoder) => void,
  ): Promise<void> => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass(descriptor);
    body(pass);
    pass.end();
    after?.(encoder);
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
  };
  if (!device.features.has('timestamp-query'))
    return {
      kind: 'wall',
      async time(body) {
        const start = performance.now();
        await submit(body);
        return performance.now() - start;
      },
      dispose() {},
    };
  const querySet = device.createQuerySet({ type: 'timestamp', count: 2 });
  const resolved = device.createBuffer({ size: 16, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC });
  const staging = device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const timestampWrites = { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 };
  return {
    kind: 'timestamp',
    async time(body) {
      await submit(body, { timestampWrites }, (encoder) => {
        encoder.resolveQuerySet(querySet, 0, 2, resolved, 0);
        encoder.copyBufferToBuffer(resolved, 0, staging, 0, 16);
      });
      await staging.mapAsync(GPUMapMode.READ);
      const [start, end] = new BigUint64Array(staging.getMappedRange().slice(0));
      staging.unmap();
      return Number(end! - start!) / 1e6;
    },
    dispose() {
      querySet.destroy();
      resolved.destroy();
      staging.destroy();
    },
  };
}
