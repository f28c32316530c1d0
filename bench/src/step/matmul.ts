/** A square product in f32 by the kernel that a plan chooses: the rate that steps are compared with. */
import { Graph, matmulNN, Session, type Kernel, type Value } from '@circuit-tuning/core';
import { randomFrom, type Gpu } from '@circuit-tuning/testkit';
import type { Case } from '../sampling.js';

/** A sample is a chain of so many products, so that reading the last one back weighs little. */
const CHAIN = 8;

export const matmulFlops = (size: number): number => 2 * size ** 3;

export interface MatmulCase extends Case {
  dispose(): void;
}

export async function matmulCase(
  { device, info }: Gpu,
  kernels: readonly Kernel[],
  { name, size }: { name: string; size: number },
): Promise<MatmulCase> {
  const session = new Session({ device, kernels, subgroup: info.subgroup, isSoftware: info.isSoftware });
  const random = randomFrom(3);
  // a product has the deviation of its factors, so a chain neither grows nor vanishes
  const scale = Math.sqrt(3 / size);
  const graph = new Graph();
  const leaf = (of: string): Value => {
    session.write(
      of,
      Float32Array.from({ length: size ** 2 }, () => scale * random()),
    );
    return graph.param(of, [size, size]);
  };
  const b = leaf('b');
  let y = leaf('a');
  for (let i = 0; i < CHAIN; i++) y = graph.call(matmulNN, { a: y, b }, { label: `product ${i}` }).y!;
  const program = await session.compile(graph, { y });
  return {
    name,
    steps: CHAIN,
    run: async () => void (await program.run({})),
    dispose: () => session.dispose(),
  };
}
