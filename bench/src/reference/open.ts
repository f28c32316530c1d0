/** A generated product on buffers of its own, proven right at a sample of its results before it is timed. */
import { randomFrom, type Gpu } from '@circuit-tuning/testkit';
import { operandsOf, type ProductKind, type ProductSize } from '../product.js';
import { referenceText, type ReferenceTile } from './text.js';

export interface Reference {
  /** So many times, in one submit; has waited for the device when it returns. */
  run(times: number): Promise<void>;
  dispose(): void;
}

const CHECKED = 64;

/** @throws Error where a result is off by more than sums of f32 are */
export async function openReference(
  { device }: Gpu,
  kind: ProductKind,
  size: ProductSize,
  tile: ReferenceTile,
): Promise<Reference> {
  const { wgsl, grid } = referenceText(kind, size, tile);
  const module = device.createShaderModule({ code: wgsl });
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
  const { STORAGE, COPY_DST, COPY_SRC, MAP_READ } = GPUBufferUsage;
  const random = randomFrom(3);
  const operands = Object.values(operandsOf(kind, size)).map(([rows, columns]) =>
    Float32Array.from({ length: rows * columns }, random),
  );
  const bytes = 4 * size.M * size.N;
  const y = device.createBuffer({ size: bytes, usage: STORAGE | COPY_SRC });
  const buffers = operands.map((numbers) => {
    const buffer = device.createBuffer({ size: numbers.byteLength, usage: STORAGE | COPY_DST });
    device.queue.writeBuffer(buffer, 0, numbers);
    return buffer;
  });
  buffers.push(y);
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  const run = async (times: number): Promise<void> => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    for (let i = 0; i < times; i++) pass.dispatchWorkgroups(...grid);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
  };
  await run(1);
  const staging = device.createBuffer({ size: bytes, usage: MAP_READ | COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(y, 0, staging, 0, bytes);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const found = new Float32Array(staging.getMappedRange().slice(0));
  staging.destroy();
  const [a, b] = operands as [Float32Array, Float32Array];
  for (let i = 0; i < CHECKED; i++) {
    const [m, n] = [(7919 * i) % size.M, (104729 * i + size.N - 1) % size.N];
    const off = Math.abs(found[m * size.N + n]! - resultAt(kind, size, { a, b, m, n }));
    if (!(off < 1e-5 * size.K)) throw new Error(`reference: ${kind} is off by ${off} in row ${m}, column ${n}.`);
  }
  return { run, dispose: () => buffers.forEach((buffer) => buffer.destroy()) };
}

function resultAt(
  kind: ProductKind,
  { M, N, K }: ProductSize,
  { a, b, m, n }: { a: Float32Array; b: Float32Array; m: number; n: number },
): number {
  let sum = 0;
  for (let k = 0; k < K; k++)
    sum += a[kind === 'TN' ? k * M + m : m * K + k]! * b[kind === 'NT' ? n * K + k : k * N + n]!;
  return sum;
}
