/** Checkpoints of a few hundred numbers, one of each kind, as Hugging Face folders in memory. */
import { exportNewModel, memoryFolder, textFile } from '../../src/io/hfExport.js';
import { openModel, type Folder, type Model } from '../../src/io/hfFolder.js';
import { bytesOf } from '../../src/io/dtypes.js';
import { openSafetensors, readFloats } from '../../src/io/safetensors.js';
import { writeSafetensors, type TensorData } from '../../src/io/safetensorsWrite.js';
import { memorySource } from '../../src/io/source.js';
import type { Json } from '../../src/model/config.js';
import { parseConfig } from '../../src/model/config.js';
import { parameterShapes } from '../../src/model/parameters.js';
import type { Parameters } from '../../src/model/weights.js';

export const gpt2Config: Json = {
  model_type: 'gpt2',
  n_layer: 2,
  n_embd: 8,
  n_head: 2,
  n_positions: 5,
  vocab_size: 11,
};
export const llamaConfig: Json = {
  model_type: 'llama',
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 6,
  vocab_size: 11,
  max_position_embeddings: 16,
};
export const configs: Record<string, Json> = {
  'GPT-2': gpt2Config,
  'GPT-2, untied': { ...gpt2Config, tie_word_embeddings: false },
  'Llama, untied': llamaConfig,
  'Llama, tied': { ...llamaConfig, tie_word_embeddings: true },
  Qwen2: { ...llamaConfig, model_type: 'qwen2' },
};

/** Every parameter filled with distinct numbers: its place in the list in the whole part, its index behind the point. */
export function numbered(config: Json): Parameters {
  const shapes = parameterShapes(parseConfig(config));
  return {
    async read(name, rows) {
      const at = shapes.findIndex((parameter) => parameter.name === name);
      const { shape } = shapes[at]!;
      const width = shape[1] ?? 1;
      const { from, to } = rows ?? { from: 0, to: shape[0]! };
      return Float32Array.from({ length: (to - from) * width }, (_, i) => at + (from * width + i + 1) / 4096);
    },
  };
}

export async function tinyFolder(config: Json): Promise<Folder> {
  const files = exportNewModel(parseConfig(config), numbered(config));
  return memoryFolder('tiny', [textFile('config.json', JSON.stringify(config)), ...files.slice(1)]);
}

export const tinyModel = async (config: Json): Promise<Model> => openModel(await tinyFolder(config));

/** The folder with its tensors changed: the form in which damaged checkpoints are made. */
export async function edited(folder: Folder, edit: (tensors: TensorData[]) => TensorData[]): Promise<Folder> {
  const file = await openSafetensors((await folder.open('model.safetensors'))!);
  const tensors: TensorData[] = [];
  for (const { name, dtype, shape } of file.tensors.values())
    tensors.push({ name, dtype, shape, bytes: bytesOf(await readFloats(file, name)) });
  const bytes = writeSafetensors(edit(tensors), file.metadata);
  return replaced(folder, 'model.safetensors', bytes);
}

/** The folder with one file replaced, or taken away. */
export const replaced = (folder: Folder, name: string, bytes?: Uint8Array<ArrayBuffer>): Folder => ({
  name: folder.name,
  open: async (file) => {
    if (file !== name) return folder.open(file);
    return bytes && memorySource(`${folder.name}/${name}`, bytes);
  },
});
