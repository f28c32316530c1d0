/** A model of random weights on the device, and made-up examples: what a step costs depends on their sizes alone. */
import {
  DeviceModel,
  parameterShapes,
  Session,
  type Example,
  type Kernel,
  type ModelConfig,
  type Parameters,
  type WeightDType,
} from '@circuit-tuning/core';
import { randomFrom, type Gpu } from '@circuit-tuning/testkit';

/** Prime, so that rows of no width repeat one another. */
const BLOCK = 65521;

/** Uniform in ±0.03, which deviates like GPT-2's own N(0, 0.02); norms 1. Fast: one block of numbers, over and over. */
function randomWeights(config: ModelConfig): Parameters {
  const random = randomFrom(11);
  const block = Float32Array.from({ length: BLOCK }, () => 0.03 * random());
  const shapes = new Map(parameterShapes(config).map((parameter) => [parameter.name, parameter]));
  return {
    async read(name, rows) {
      const { shape, kind } = shapes.get(name)!;
      const width = shape.slice(1).reduce((product, length) => product * length, 1);
      const { from, to } = rows ?? { from: 0, to: shape[0]! };
      const values = new Float32Array((to - from) * width);
      if (kind === 'norm') return name.endsWith('.w') ? values.fill(1) : values;
      if (kind === 'bias') return values;
      for (let at = 0; at < values.length; at += BLOCK)
        values.set(block.subarray(0, Math.min(BLOCK, values.length - at)), at);
      return values;
    },
  };
}

export function loadRandom(
  { device, info }: Gpu,
  kernels: readonly Kernel[],
  config: ModelConfig,
  dtype: WeightDType = 'f32',
): Promise<DeviceModel> {
  const session = new Session({ device, kernels, subgroup: info.subgroup, isSoftware: info.isSoftware });
  return DeviceModel.load(session, config, randomWeights(config), { dtype });
}

/** Pairs of T tokens that differ in one place; the answer is read somewhere after it. */
export function randomExamples({ V }: ModelConfig, { T, count }: { T: number; count: number }): Example[] {
  const random = randomFrom(5);
  const below = (n: number): number => Math.min(n - 1, Math.floor(((random() + 1) / 2) * n));
  return Array.from({ length: count }, (_, i): Example => {
    const tokens = Array.from({ length: T }, () => below(V));
    const changed = below(T - 1);
    const good = below(V);
    return {
      kind: 'tokens',
      id: `made up ${i}`,
      line: i + 1,
      tokens,
      corruptTokens: tokens.map((token, t) => (t === changed ? (token + 1) % V : token)),
      targets: [{ pos: T - 1, good: [good], bad: [(good + 1) % V] }],
    };
  });
}
