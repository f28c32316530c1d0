/** The device that GPU tests share: opened once per worker process, every stray error kept for the test that caused it. */
import { openGpu, type Gpu, type GpuOptions } from 'circuit-tuning/gpu';

export interface TestGpu extends Gpu {
  readonly isSoftware: boolean;
  readonly subgroup: Gpu['info']['subgroup'];
  readonly subgroupMatrices: Gpu['info']['subgroupMatrices'];
  /** Validation errors and device losses nobody caught since the last call; a test may end by expecting none. */
  takeErrors(): string[];
}

const opened = new Map<string, Promise<TestGpu>>();

/**
 * A device with all limits of the adapter, or with the portable ones. Do not dispose it: other tests use it too.
 * Fails where the machine has no adapter: `npm test` sets one up.
 */
export function testGpu(
  limits: 'adapter' | 'default' = 'adapter',
  { precision = 'f32' }: Pick<GpuOptions, 'precision'> = {},
): Promise<TestGpu> {
  const key = `${limits} ${precision}`;
  const known = opened.get(key);
  if (known) return known;
  const errors: string[] = [];
  const open = openGpu({ limits, precision, onError: (message) => errors.push(message) }).then((gpu) => ({
    ...gpu,
    isSoftware: gpu.info.isSoftware,
    subgroup: gpu.info.subgroup,
    subgroupMatrices: gpu.info.subgroupMatrices,
    takeErrors: () => errors.splice(0),
  }));
  opened.set(key, open);
  return open;
}
