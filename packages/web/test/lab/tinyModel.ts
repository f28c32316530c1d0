/** Model folders of the reader's own, made when a test asks: random weights of a few thousand numbers, with words. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  exportNewModel,
  initialise,
  memoryFolder,
  memorySource,
  openSafetensors,
  parseConfig,
  readBytes,
  writeSafetensors,
  parameterShapes,
  type Json,
  type Parameters,
  type TensorData,
} from '@circuit-tuning/core';

const embedded = new URL('../../../cli/assets/embedded/model/', import.meta.url);
const TOKENIZER = ['tokenizer.json', 'tokenizer_config.json'];
/** Of the tokenizer of the built-in model. */
const WORDS = 250;

export const tinyConfig: Json = {
  model_type: 'gpt2',
  n_layer: 2,
  n_embd: 16,
  n_head: 2,
  n_inner: 32,
  n_positions: 16,
  vocab_size: WORDS,
};

export type Files = Map<string, Uint8Array<ArrayBuffer>>;

export const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

async function modelFiles(json: Json, parameters?: Parameters): Promise<Files> {
  const config = parseConfig(json);
  const folder = await memoryFolder('model', exportNewModel(config, parameters ?? initialise(config, 5)));
  const files: Files = new Map(
    TOKENIZER.map((name) => [name, new Uint8Array(readFileSync(new URL(name, embedded)))] as const),
  );
  for (const name of ['config.json', 'model.safetensors']) {
    const source = (await folder.open(name))!;
    files.set(name, await source.read(0, source.size));
  }
  return files;
}

/** A whole model folder by the names of its files. */
export const tinyModel = (): Promise<Files> => modelFiles(tinyConfig);

/** Five million parameters, all zero: one of its matrices takes 10 MB. */
export function wideModel(): Promise<Files> {
  const json: Json = { ...tinyConfig, n_layer: 1, n_embd: 64, n_inner: 40_000 };
  const sizes = new Map(parameterShapes(parseConfig(json)).map(({ name, shape }) => [name, shape]));
  return modelFiles(json, {
    async read(name, rows) {
      const [first = 1, second = 1] = sizes.get(name)!;
      return new Float32Array((rows ? rows.to - rows.from : first) * second);
    },
  });
}

/** The same weights in two files and an index. */
export async function sharded(model: Files): Promise<Files> {
  const file = await openSafetensors(memorySource('model.safetensors', model.get('model.safetensors')!));
  const tensors: TensorData[] = [];
  for (const { name, dtype, shape } of file.tensors.values())
    tensors.push({ name, dtype, shape, bytes: await readBytes(file, name) });
  const files: Files = new Map([...model].filter(([name]) => name !== 'model.safetensors'));
  const half = Math.ceil(tensors.length / 2);
  const map: Record<string, string> = {};
  for (const [i, own] of [tensors.slice(0, half), tensors.slice(half)].entries()) {
    const shard = `model-0000${i + 1}-of-00002.safetensors`;
    files.set(shard, writeSafetensors(own, { format: 'pt' }));
    for (const { name } of own) map[name] = shard;
  }
  files.set('model.safetensors.index.json', bytes(JSON.stringify({ metadata: {}, weight_map: map })));
  return files;
}

/** Puts files into a folder, which is made. */
export function putFolder(folder: string, files: Files): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of files) writeFileSync(join(folder, name), content);
  return folder;
}
