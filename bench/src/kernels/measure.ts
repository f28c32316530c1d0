/** The time of one kernel on one case: median of many samples, by timestamp queries where the device has them. */
import { applies, capabilitiesOf, entriesFor, plan, type Kernel, type KernelCase } from '@circuit-tuning/core';
import { caseGraph, type Gpu } from '@circuit-tuning/testkit';
import { bind } from '../device/bound.js';

const SAMPLES = 21;
/** A sample repeats the dispatch until it takes about this long: clocks are coarse, and a submit costs some 30 µs. */
const SAMPLE_MS = 10;
const MOST_REPEATS = 200;

export interface Timing {
  /** Median and fastest sample, in milliseconds for one run of the pass. */
  readonly ms: number;
  readonly best: number;
  /** By the wall clock this includes the submit. */
  readonly clock: 'timestamp' | 'wall';
}

export type Pass = 'forward' | 'backward';

/** undefined where the kernel does not serve this case, this pass or this device. */
export async function measure(
  { device, info }: Gpu,
  kernels: readonly Kernel[],
  kernel: Kernel,
  { attrs, ...aCase }: KernelCase,
  passName: Pass,
): Promise<Timing | undefined> {
  const capabilities = capabilitiesOf(device, info);
  const isBackward = passName === 'backward';
  if (isBackward && !Object.keys(kernel.layout.entries).some((entry) => entry.startsWith('backward'))) return undefined;
  const { graph, leaves, watched } = caseGraph(kernel.op, { ...aCase, ...(attrs && { attrs }) }, isBackward, kernel);
  const calls = graph.calls.filter(({ op }) => op === kernel.op);
  if (!calls.every((call) => applies(kernel, call, capabilities) && entriesFor(kernel, call))) return undefined;
  const ready = plan(graph, { kernels, capabilities, fetch: watched, forced: { [kernel.op.name]: kernel.name } });

  const { record, dispose } = await bind(device, kernels, ready, leaves);
  const clock = openClock(device);
  try {
    // Everything once: a backward pass should find what forward saved, not zeros.
    await clock.time((pass) => record(pass));
    const run = (repeats: number): Promise<number> =>
      clock.time((pass) => {
        for (let i = 0; i < repeats; i++)
          record(pass, (dispatch) => dispatch.kernel === kernel.name && dispatch.entry.startsWith(passName));
      });
    const once = (await run(2)) / 2;
    const repeats = Math.max(1, Math.min(MOST_REPEATS, Math.round(SAMPLE_MS / once)));
    const samples: number[] = [];
    for (let i = 0; i < SAMPLES; i++) samples.push((await run(repeats)) / repeats);
    samples.sort((a, b) => a - b);
    return { ms: samples[SAMPLES >> 1]!, best: samples[0]!, clock: clock.kind };
  } finally {
    clock.dispose();
    dispose();
  }
}

interface Clock {
  readonly kind: Timing['clock'];
  /** Milliseconds from the start of the pass to its end. */
  time(body: (pass: GPUComputePassEncoder) => void): Promise<number>;
  dispose(): void;
}

function openClock(device: GPUDevice): Clock {
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
