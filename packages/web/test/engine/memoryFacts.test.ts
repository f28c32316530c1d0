import { existsSync, readFileSync } from 'node:fs';
import {
  memorySource,
  nodesOf,
  openModel,
  prepareExperiment,
  readExperiment,
  type Prepared,
} from '@circuit-tuning/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { memoryFacts, requireRoom } from '../../src/engine/memoryFacts.js';

const embedded = new URL('../../../cli/assets/embedded/', import.meta.url);
const bytesOf = (path: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(new URL(path, embedded)));

const prepare = (text: string): Promise<Prepared> =>
  prepareExperiment(readExperiment(text, { name: 'experiment', resolve: (path) => path }), {
    text: async (path) => new TextDecoder().decode(bytesOf(path)),
    model: async () =>
      openModel({
        name: 'model',
        open: async (file) =>
          existsSync(new URL(`model/${file}`, embedded)) ? memorySource(file, bytesOf(`model/${file}`)) : undefined,
      }),
  });

/** A device with the portable limits, or less. */
const gpu = (limits: Partial<GPUSupportedLimits> = {}) => ({
  device: {
    features: new Set(),
    limits: {
      maxStorageBufferBindingSize: 2 ** 27,
      maxBufferSize: 2 ** 28,
      maxStorageBuffersPerShaderStage: 8,
      maxComputeWorkgroupStorageSize: 16384,
      maxComputeInvocationsPerWorkgroup: 256,
      maxComputeWorkgroupsPerDimension: 65535,
      minStorageBufferOffsetAlignment: 256,
      minUniformBufferOffsetAlignment: 256,
      ...limits,
    },
  } as unknown as GPUDevice,
  isSoftware: false,
  subgroup: undefined,
});

describe('the memory that an experiment takes', () => {
  const lab = new TextDecoder().decode(bytesOf('lab.yaml'));
  let prepared: Prepared;
  beforeAll(async () => {
    prepared = await prepare(lab);
  });

  it('is at least the model, and grows with the batch', async () => {
    const { bytes, problem } = await memoryFacts(prepared, gpu());
    expect(problem).toBeUndefined();
    expect(bytes).toBeGreaterThan(4 * 167_104);
    const larger = await prepare(lab.replace(/batch_size: 50/g, 'batch_size: 100'));
    expect((await memoryFacts(larger, gpu())).bytes).toBeGreaterThan(1.5 * bytes);
  });

  it('says which limit is in the way on a device that is too small', async () => {
    const { problem } = await memoryFacts(
      prepared,
      gpu({ maxStorageBufferBindingSize: 2 ** 14, maxBufferSize: 2 ** 14 }),
    );
    expect(problem).toMatch(/^blocks\.0\.mlp\.W_in: a tensor must fit one binding of this adapter /);
    expect((await memoryFacts(prepared, gpu({ maxStorageBufferBindingSize: 2 ** 16 }))).problem).toMatch(
      /: a tensor must fit one binding of this adapter .* Lower the batch size or the length of the examples\.$/,
    );
  });

  it('is asked for before the upload of a model that is worth planning for', async () => {
    const small = gpu({ maxStorageBufferBindingSize: 2 ** 14, maxBufferSize: 2 ** 14 });
    await requireRoom(prepared, small);
    const config = { ...prepared.base.config, F: 2 ** 14 };
    const large = { ...prepared, base: { ...prepared.base, config }, nodes: nodesOf(config) };
    await expect(requireRoom(large, small)).rejects.toThrow(/must fit one binding of this adapter/);
    await requireRoom(large, gpu());
  });
});
