/** The kernels on another WebGPU than Dawn's: those that need no feature, compiled by wgpu, against the loops of their ops. */
import { describe, expect, it } from 'vitest';
import { hasDeno, runInDeno } from '@circuit-tuning/testkit';
import { kernels } from '../src/index.js';
import type { KernelErrors } from './kernelsPage.js';
import script from './kernelsPage.ts?page';

const portable = kernels.filter(({ needs = [], isHalf }) => needs.length === 0 && !isHalf);

describe.skipIf(!hasDeno)('on wgpu (needs Deno: install it, or set DENO to its path)', () => {
  it('each kernel without needs writes all of each output, no more, and what its op says', async () => {
    const found = await runInDeno<KernelErrors[]>(script, 'run(navigator.gpu)');
    const ran = found.filter(({ errors }) => Object.keys(errors).length > 0);
    expect([...new Set(ran.map(({ kernel }) => kernel))]).toEqual(portable.map(({ name }) => name));
    const isRight = ({ kernel, errors, trouble }: KernelErrors): boolean => {
      const { tolerance = 1e-5 } = kernels.find(({ name }) => name === kernel)!;
      return trouble === undefined && Object.values(errors).every((error) => error !== null && error < tolerance);
    };
    expect(found.filter((it) => !isRight(it))).toEqual([]);
  }, 600_000);
});
