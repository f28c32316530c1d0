/** That kernels are timed at the sizes that models have; times are nobody's assertion. */
import { describe, expect, it } from 'vitest';
import { capabilitiesOf } from '@circuit-tuning/core';
import { kernels } from '@circuit-tuning/kernels-wgsl';
import { testGpu } from '@circuit-tuning/testkit';
import { ceilingOf } from '../src/kernels/ceiling.js';
import { measure } from '../src/kernels/measure.js';
import { modelCalls } from '../src/kernels/modelCalls.js';
import { shapeOf } from '../src/shapes.js';

describe('modelCalls', () => {
  it('has the products of a layer of GPT-2 small, forward and for the gradient of a weight', async () => {
    const { device, info } = await testGpu();
    const calls = modelCalls(shapeOf('gpt2'), capabilitiesOf(device, info), { B: 8, T: 32 });
    const sizes = (op: string) => calls.filter((call) => call.op.name === op).map((call) => call.case.dims);
    expect(sizes('matmulNT')).toContainEqual({ M: 256, N: 3072, K: 768 });
    expect(sizes('matmulTN')).toContainEqual({ M: 3072, N: 768, K: 256 });
    expect(sizes('attention')).toEqual([
      { B: 8, T: 32, H: 12, K: 12, E: 64 },
      { B: 8, T: 32, H: 12, K: 12, E: 64 },
    ]);
  });

  it('reaches the ops of both families of models, and of scoring, patching and updates', async () => {
    const { device, info } = await testGpu();
    const capabilities = capabilitiesOf(device, info);
    const calls = ['gpt2', 'smollm2-135m'].flatMap((it) => modelCalls(shapeOf(it), capabilities, { B: 8, T: 32 }));
    const ops = new Set(calls.map(({ op }) => op.name));
    for (const op of ['gelu', 'layernorm', 'rmsnorm', 'rope', 'swiglu', 'edgeScore', 'groupedNT', 'edgeMix', 'adamw'])
      expect(ops, op).toContain(op);
  });
});

describe('measure', () => {
  it('times a kernel, and counts the bytes that it binds', async () => {
    const gpu = await testGpu();
    const gelu = kernels.find(({ name }) => name === 'gelu')!;
    const timing = await measure(gpu, kernels, gelu, { dims: { N: 1024 } }, 'forward');
    expect(timing).toMatchObject({ bytes: 2 * 4 * 1024 });
    expect(timing!.ms).toBeGreaterThan(0);
  });

  it('knows what the adapter can do at most', async () => {
    const { gflopPerSecond, gbPerSecond } = await ceilingOf(await testGpu());
    expect(gflopPerSecond).toBeGreaterThan(0);
    expect(gbPerSecond).toBeGreaterThan(0);
  });
});
