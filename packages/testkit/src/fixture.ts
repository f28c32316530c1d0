/** The PyTorch numbers for a tiny GPT-2 and a tiny Llama, as the engine's own types. */
import { readFileSync } from 'node:fs';
import {
  DeviceModel,
  memorySource,
  openSafetensors,
  openWeights,
  parseConfig,
  readBytes,
  readFloats,
  readInts,
  writeSafetensors,
  type ModelConfig,
  type Session,
  type TensorData,
  type Weights,
} from '@circuit-tuning/core';
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
  const collect = async (
    own: Map<string, TensorData>,
    prefix: string,
    rename: (name: string) => string | undefined,
  ): Promise<void> => {
    for (const [tensor, { dtype, shape }] of file.tensors) {
      const name = tensor.startsWith(prefix) ? rename(tensor.slice(prefix.length)) : undefined;
      if (name !== undefined) own.set(name, { name, dtype, shape, bytes: await readBytes(file, tensor) });
    }
  };
  const same = (name: string): string => name;
  const open = async (where: string, own: Map<string, TensorData>): Promise<Weights> =>
    openWeights(config, [await openSafetensors(memorySource(where, writeSafetensors([...own.values()])))]);
  const weightsAt: Fixture['weightsAt'] = async (prefix, rename = same) => {
    const own = new Map<string, TensorData>();
    await collect(own, prefix, rename);
    return open(prefix, own);
  };
  const changedAt: Fixture['changedAt'] = async (prefix) => {
    const own = new Map<string, TensorData>();
    await collect(own, 'weights.', same);
    await collect(own, prefix, same);
    return open(prefix, own);
  };
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
