import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { capabilitiesOf } from '@circuit-tuning/core';
import { gpuErrors, gradientError, isDifferentiable, layoutErrors, testGpu } from '@circuit-tuning/testkit';
import { kernels } from '../src/index.js';
import layouts from '../src/layouts.json' with { type: 'json' };
import { half } from '../scripts/half.mjs';
import { layoutOf } from '../scripts/layout.mjs';
import { unrolled } from '../scripts/unrolled.mjs';

// The portable limits: what a kernel needs beyond them, a page would not get.
const { device, subgroup, isSoftware } = await testGpu('default');
const capabilities = capabilitiesOf(device, { subgroup, isSoftware });

test.each(Object.entries({ ...unrolled, ...half }))('%s.wgsl is what its script writes', (name, wgsl) => {
  expect(readFileSync(new URL(`../src/kernels/${name}.wgsl`, import.meta.url), 'utf8')).toBe(wgsl);
});

describe.each(kernels.map((kernel) => [kernel.name, kernel] as const))('%s', (name, kernel) => {
  const { op } = kernel;

  test('the generated layout is that of the .wgsl as it lies', () => {
    const wgsl = readFileSync(new URL(`../src/kernels/${name}.wgsl`, import.meta.url), 'utf8');
    expect(layouts[name as keyof typeof layouts]).toEqual(layoutOf(wgsl));
  });

  test('its layout agrees with the op', () => expect(layoutErrors(kernel)).toEqual([]));

  test.runIf(isDifferentiable(op) && name === op.name)(
    'the gradient of the op is the derivative of its forward',
    () => {
      for (const aCase of kernel.cases.slice(0, 2)) expect(gradientError(op, aCase)).toBeLessThan(1e-7);
    },
  );

  // Those that round to f16 need a device opened for that: half.test.ts.
  const cases = kernel.isHalf ? [] : kernel.cases;
  test.each(cases.map((aCase) => [JSON.stringify(aCase), aCase] as const))(
    'writes all of each output, no more, and what the op says: %s',
    async (_, aCase) => {
      const errors = await gpuErrors(device, capabilities, kernels, kernel, aCase);
      for (const [tensor, error] of Object.entries(errors))
        expect(error, tensor).toBeLessThan(kernel.tolerance ?? 1e-5);
    },
  );
});
