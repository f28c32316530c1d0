/** A matrix product in f32 by the kernel that a plan chooses: the rate that steps and peers are compared with. */
import { capabilitiesOf, Graph, matmulNN, plan, type Kernel } from '@circuit-tuning/core';
import { randomFrom, type Gpu } from '@circuit-tuning/testkit';
import { bind } from './device/bound.js';

export interface ProductSize {
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

export const productFlops = ({ M, N, K }: ProductSize): number => 2 * M * N * K;

export interface Product {
  /** So many times, in one submit; has waited for the device when it returns. */
  run(times: number): Promise<void>;
  dispose(): void;
}

export async function openProduct(
  { device, info }: Gpu,
  kernels: readonly Kernel[],
  { M, N, K }: ProductSize,
): Promise<Product> {
  const random = randomFrom(3);
  const numbers = (size: number): Float32Array => Float32Array.from({ length: size }, random);
  const graph = new Graph();
  const y = graph.call(matmulNN, { a: graph.input('a', [M, K]), b: graph.input('b', [K, N]) }).y!;
  const ready = plan(graph, { kernels, capabilities: capabilitiesOf(device, info), fetch: { y }, isApart: true });
  const leaves = new Map([
    ['a', numbers(M * K)],
    ['b', numbers(K * N)],
  ]);
  const { record, dispose } = await bind(device, kernels, ready, leaves);
  return {
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
