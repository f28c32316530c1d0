/** A bound on the work that a device has before it: kept, without a change to any bit. */
import { afterEach, expect, test, vi } from 'vitest';
import {
  attribute,
  DeviceModel,
  initialise,
  nodesOf,
  Session,
  type Example,
  type ModelConfig,
} from '@circuit-tuning/core';
import { testGpu } from '@circuit-tuning/testkit';
import { kernels } from '../src/index.js';
import { tinyGpt2 } from './tinyModels.js';

const { device, subgroup, isSoftware } = await testGpu();
const config: ModelConfig = { ...tinyGpt2, L: 4 };
const example: Example = {
  kind: 'tokens',
  id: '1',
  line: 1,
  tokens: [1, 2, 3, 4],
  corruptTokens: [1, 5, 3, 4],
  targets: [{ pos: 4, good: [6], bad: [7] }],
};

afterEach(() => vi.restoreAllMocks());

async function scores(maxInFlight?: number): Promise<Float32Array> {
  const session = new Session({
    device,
    kernels,
    isSoftware,
    ...(subgroup && { subgroup }),
    ...(maxInFlight !== undefined && { maxInFlight }),
  });
  const model = await DeviceModel.load(session, config, initialise(config, 1));
  const { values } = await attribute(model, [example], {
    nodes: nodesOf(config),
    metric: 'logit_diff',
    ablation: 'patching',
    positions: 'all',
    batchSize: 1,
  });
  session.dispose();
  return values;
}

test('a session with a bound waits for its submits, one without for none, and both find the same', async () => {
  const waits = vi.spyOn(device.queue, 'onSubmittedWorkDone');
  const free = await scores();
  expect(waits).not.toHaveBeenCalled();
  expect(await scores(1)).toEqual(free);
  expect(waits.mock.calls.length).toBeGreaterThan(2);
  expect(await scores(2)).toEqual(free);
});

test('a bound that is none is refused', () => {
  for (const maxInFlight of [0, 1.5])
    expect(() => new Session({ device, kernels, maxInFlight })).toThrow(
      `session: maxInFlight: must be a whole number from 1, got ${maxInFlight}. Leave it out for no bound.`,
    );
});
