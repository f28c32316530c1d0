/** A matrix product in f32 by the kernel that a plan chooses: the rate that steps and peers are compared with. */
import { capabilitiesOf, Graph, matmulNN, matmulNT, matmulTN, plan, type Kernel } from '@circuit-tuning/core';
import { randomFrom, type Gpu } from '@circuit-tuning/testkit';
import { bind } from './device/bound.js';

export interface ProductSize {
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

export const productFlops = ({ M, N, K }: ProductSize): number => 2 * M * N * K;

/** a · b, a · bᵀ and aᵀ · b, of which b and a lie in memory as they are. */
export const productKinds = { NN: matmulNN, NT: matmulNT, TN: matmulTN } as const;
export type ProductKind = keyof typeof productKinds;

/** Shapes of a and b. */
export const operandsOf = (
  kind: ProductKind,
  { M, N, K }: ProductSize,
): { a: [number, number]; b: [number, number] } => ({
  a: kind === 'TN' ? [K, M] : [M, K],
  b: kind === 'NT' ? [N, K] : [K, N],
});

export interface Product {
  /** Name of the kernel that was chosen. */
  readonly kernel: string;
  /** So many times, in one submit; has waited for the device when it returns. */
  run(times: number): Promise<void>;
  dispose(): void;
}

export async function openProduct(
  { device, info }: Gpu,
  kernels: readonly Kernel[],
  size: ProductSize,
  kind: ProductKind = 'NN',
): Promise<Product> {
  const random = randomFrom(3);
  const { a, b } = operandsOf(kind, size);
  const numbers = ([rows, columns]: readonly [number, number]): Float32Array =>
    Float32Array.from({ length: rows * columns }, random);
  const graph = new Graph();
  const y = graph.call(productKinds[kind], { a: graph.input('a', a), b: graph.input('b', b) }).y!;
  const ready = plan(graph, { kernels, capabilities: capabilitiesOf(device, info), fetch: { y }, isApart: true });
  const leaves = new Map([
    ['a', numbers(a)],
    ['b', numbers(b)],
  ]);
  const { record, dispose } = await bind(device, kernels, ready, leaves);
  return {
    kernel: ready.dispatches[0]!.kernel,
    async run(times) {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      for (let i = 0; i < times; i++) record(pass);
      pass.end();
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
    },
    dispose,
  };
}
