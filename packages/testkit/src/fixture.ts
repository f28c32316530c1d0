/** The PyTorch numbers for a tiny GPT-2 and a tiny Llama, as the engine's own types. */
import { readFileSync } from 'node:fs';
import {
  DeviceModel,
  memorySource,
  openSafetensors,
  parseConfig,
  readFloats,
  readInts,
  type ModelConfig,
  type Session,
  type Weights,
} from '@circuit-tuning/core';
import { asWeights, tensorsAt } from './prefixed.js';
import { shared } from './shared.js';

export interface Fixture {
  readonly json: Record<string, unknown>;
  readonly config: ModelConfig;
  readonly weights: Weights;
  /** Tensors `<prefix><HF name>` read as if they were weights: gradients, or parameters after a step. */
  weightsAt(prefix: string, rename?: (name: string) => string | undefined): Promise<Weights>;
  /** The same over the model's weights: tensors that the prefix does not list are as they were. */
  changedAt(prefix: string): Promise<Weights>;
  names(prefix: string): string[];
  floats(name: string): Promise<Float32Array<ArrayBuffer>>;
  ints(name: string): Promise<Uint32Array<ArrayBuffer>>;
  shape(name: string): readonly number[];
  load(session: Session): Promise<DeviceModel>;
}

/** undefined where the shared folder is absent: the caller skips and says so. */
export async function fixture(name: 'gpt2_tiny' | 'llama_tiny'): Promise<Fixture | undefined> {
  const path = shared(`fixtures/${name}.safetensors`);
  if (path === undefined) return undefined;
  const json = JSON.parse(readFileSync(path.replace('.safetensors', '.json'), 'utf8')) as Record<string, unknown>;
  const file = await openSafetensors(memorySource(name, new Uint8Array(readFileSync(path))));
  const config = parseConfig(json['config']);
  const base = await tensorsAt(file, 'weights.');
  const weightsAt: Fixture['weightsAt'] = async (prefix, rename) =>
    asWeights(config, prefix, await tensorsAt(file, prefix, rename));
  const changedAt: Fixture['changedAt'] = async (prefix) =>
    asWeights(config, prefix, base, await tensorsAt(file, prefix));
  const weights = await weightsAt('weights.');
  return {
    json,
    config,
    weights,
    weightsAt,
    changedAt,
    names: (prefix) => [...file.tensors.keys()].filter((tensor) => tensor.startsWith(prefix)),
    floats: (tensor) => readFloats(file, tensor),
    ints: async (tensor) => Uint32Array.from(await readInts(file, tensor)),
    shape: (tensor) => file.tensors.get(tensor)!.shape,
    load: (session) => DeviceModel.load(session, config, weights),
  };
}
