/** Tiny models as transformers saved them, with PyTorch's numbers: fixtures/make.py says what they are and how to make them. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  DeviceModel,
  memorySource,
  openModel,
  openSafetensors,
  readFloats,
  readInts,
  type Folder,
  type Model,
  type Session,
  type Weights,
} from '@circuit-tuning/core';
import { asWeights, tensorsAt } from './prefixed.js';

export const variants = ['qwen2', 'llama3-bf16', 'mistral-sharded', 'gpt2-gelu-untied', 'gpt2-inner-f16'] as const;

export interface Variant extends Model {
  /** `<prefix><HF name>` read as if they were the model's weights; tensors that the prefix does not list are as they were. */
  changedAt(prefix: string): Promise<Weights>;
  floats(name: string): Promise<Float32Array<ArrayBuffer>>;
  ints(name: string): Promise<Uint32Array<ArrayBuffer>>;
  shape(name: string): readonly number[];
  /** A safetensors file of the folder. */
  tensors(file: string): Promise<{ floats(name: string): Promise<Float32Array<ArrayBuffer>> }>;
  /** A JSON file of the folder. */
  json(file: string): unknown;
  load(session: Session): Promise<DeviceModel>;
}

export async function variant(name: (typeof variants)[number]): Promise<Variant> {
  const pathOf = (file: string): string => fileURLToPath(new URL(`../fixtures/${name}/${file}`, import.meta.url));
  const open: Folder['open'] = async (file) =>
    existsSync(pathOf(file)) ? memorySource(`${name}/${file}`, new Uint8Array(readFileSync(pathOf(file)))) : undefined;
  const model = await openModel({ name, open });
  const expected = await openSafetensors((await open('expected.safetensors'))!);
  const base = await Promise.all(model.weights.files.map((file) => tensorsAt(file, '')));
  return {
    ...model,
    changedAt: async (prefix) => asWeights(model.config, prefix, ...base, await tensorsAt(expected, prefix)),
    floats: (tensor) => readFloats(expected, tensor),
    ints: async (tensor) => Uint32Array.from(await readInts(expected, tensor)),
    shape: (tensor) => expected.tensors.get(tensor)!.shape,
    tensors: async (file) => {
      const opened = await openSafetensors((await open(file))!);
      return { floats: (tensor) => readFloats(opened, tensor) };
    },
    json: (file) => JSON.parse(readFileSync(pathOf(file), 'utf8')) as unknown,
    load: (session) => DeviceModel.load(session, model.config, model.weights),
  };
}
