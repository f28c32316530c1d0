/** The device that GPU tests share: opened once per worker process, every stray error kept for the test that caused it. */
import { openGpu, type Gpu } from 'circuit-tuning/gpu';

export interface TestGpu extends Gpu {
  readonly isSoftware: boolean;
  readonly subgroup: Gpu['info']['subgroup'];
  /** Validation errors and device losses nobody caught since the last call; a test may end by expecting none. */
  takeErrors(): string[];
}

const opened = new Map<string, Promise<TestGpu>>();

/**
 * A device with all limits of the adapter, or with the portable ones. Do not dispose it: other tests use it too.
 * Fails where the machine has no adapter: `npm test` sets one up.
 */
export function testGpu(limits: 'adapter' | 'default' = 'adapter'): Promise<TestGpu> {
  const known = opened.get(limits);
  if (known) return known;
  const errors: string[] = [];
  const open = openGpu({ limits, onError: (message) => errors.push(message) }).then((gpu) => ({
    ...gpu,
    isSoftware: gpu.info.isSoftware,
    subgroup: gpu.info.subgroup,
    takeErrors: () => errors.splice(0),
  }));
  opened.set(limits, open);
  return open;
}
