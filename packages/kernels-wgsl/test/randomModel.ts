/** Models of random weights on the device of the tests, given back after each of them. */
import { afterEach } from 'vitest';
import {
  DeviceModel,
  parameterShapes,
  Random,
  Session,
  type ModelConfig,
  type Parameters,
  type SessionOptions,
} from '@circuit-tuning/core';
import { testGpu } from '@circuit-tuning/testkit';
import { kernels } from '../src/index.js';

const { device, subgroup, isSoftware } = await testGpu();
const sessions: Session[] = [];
afterEach(() => sessions.splice(0).forEach((opened) => opened.dispose()));

export function randomParameters(config: ModelConfig): Parameters {
  const random = new Random(7);
  const values = new Map(
    parameterShapes(config).map(({ name, shape, kind }) => [
      name,
      Float32Array.from(
        { length: shape.reduce((n, size) => n * size, 1) },
        () => random.normal() * 0.3 + (kind === 'norm' ? 1 : 0),
      ),
    ]),
  );
  return {
    read: async (name, rows) =>
      rows ? values.get(name)!.slice(rows.from * config.D, rows.to * config.D) : values.get(name)!,
  };
}

export function loadRandom(config: ModelConfig, options: Pick<SessionOptions, 'profiler'> = {}): Promise<DeviceModel> {
  const session = new Session({ device, kernels, isSoftware, ...(subgroup && { subgroup }), ...options });
  sessions.push(session);
  return DeviceModel.load(session, config, randomParameters(config));
}
