/**
 * A tuned model as the files of a Hugging Face folder, for whoever can write files.
 * The base's layout is mirrored: same shards, same tensors in the same order, buffers copied as they lie, config and
 * tokenizer untouched. Parameters are written as f32; where the base was f32 as well, unchanged parameters give files
 * that are identical byte for byte.
 */
import { writeConfig, type Json, type ModelConfig } from '../model/config.js';
import { hfTensors, type HfTensor } from '../model/hfNames.js';
import { hfChunks, type Parameters } from '../model/weights.js';
import type { Folder, Model } from './hfFolder.js';
import { companions, INDEX } from './modelFiles.js';
import { readBytes, type SafetensorsFile } from './safetensors.js';
import { writeHeader, type TensorLayout } from './safetensorsWrite.js';
import { memorySource } from './source.js';

export interface OutputFile {
  readonly name: string;
  chunks(): AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** Every file of the tuned model. `card` is the text of its README.md. */
export async function exportModel(base: Model, tuned: Parameters, card: string): Promise<OutputFile[]> {
  const { files, tensors } = base.weights;
  const dtypes = [...tensors.keys()].map((name) => base.weights.fileOf(name).tensors.get(name)!.dtype);
  const asBefore = dtypes.every((dtype) => dtype === 'F32');
  const outputs = [textFile('config.json', asBefore ? base.configText : inFloat32(base.configText))];
  let total = 0;
  for (const file of files) {
    const layout = [...file.tensors.values()].map((tensor): TensorLayout => {
      return tensors.has(tensor.name) ? { ...tensor, dtype: 'F32' } : tensor;
    });
    // Whitespace in the header is the writer's choice: only the original is identical.
    const fresh = writeHeader(layout, file.metadata);
    const header = asBefore ? file.header : fresh.header;
    total += fresh.size - fresh.header.byteLength;
    outputs.push({ name: baseName(file.source.name), chunks: () => weightChunks(header, file, tensors, tuned) });
  }
  const index = await base.folder.open(INDEX);
  if (index && files.length > 1) {
    const bytes = await index.read(0, index.size);
    const parsed = JSON.parse(new TextDecoder().decode(bytes)) as { metadata?: Json };
    const resized = { ...parsed, metadata: { ...parsed.metadata, total_size: total } };
    outputs.push(asBefore ? bytesFile(INDEX, bytes) : textFile(INDEX, `${JSON.stringify(resized, null, 2)}\n`));
  }
  for (const name of companions) {
    const source = await base.folder.open(name);
    if (source) outputs.push(bytesFile(name, await source.read(0, source.size)));
  }
  return [...outputs, textFile('README.md', card)];
}

/** A model that was trained from nothing: config.json and model.safetensors, to which a tokenizer may be added. */
export function exportNewModel(config: ModelConfig, parameters: Parameters): OutputFile[] {
  const tensors = hfTensors(config, { prefixed: true });
  const { header } = writeHeader(
    tensors.map(({ name, shape }) => ({ name, shape, dtype: 'F32' })),
    { format: 'pt' },
  );
  const chunks = async function* () {
    yield header;
    for (const tensor of tensors) yield* hfChunks(tensor, parameters);
  };
  return [
    textFile('config.json', `${JSON.stringify(writeConfig(config), null, 2)}\n`),
    { name: 'model.safetensors', chunks },
  ];
}

export const textFile = (name: string, text: string): OutputFile => bytesFile(name, new TextEncoder().encode(text));

/** Made as it is written, a part at a time. */
export const textPartsFile = (name: string, parts: () => Iterable<string>): OutputFile => ({
  name,
  chunks: async function* () {
    const encoder = new TextEncoder();
    for (const part of parts()) yield encoder.encode(part);
  },
});

export const bytesFile = (name: string, bytes: Uint8Array<ArrayBuffer>): OutputFile => ({
  name,
  chunks: async function* () {
    yield bytes;
  },
});

/** The whole file in memory. */
export async function bytesOfFile({ chunks }: OutputFile): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of chunks()) parts.push(chunk);
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}

/** A folder in memory, from files that were meant to be written. */
export async function memoryFolder(name: string, files: readonly OutputFile[]): Promise<Folder> {
  const contents = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const file of files) contents.set(file.name, await bytesOfFile(file));
  return {
    name,
    open: async (file) => {
      const bytes = contents.get(file);
      return bytes && memorySource(`${name}/${file}`, bytes);
    },
  };
}

async function* weightChunks(
  header: Uint8Array<ArrayBuffer>,
  file: SafetensorsFile,
  tensors: ReadonlyMap<string, HfTensor>,
  tuned: Parameters,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  yield header;
  for (const name of file.tensors.keys()) {
    const tensor = tensors.get(name);
    if (tensor) yield* hfChunks(tensor, tuned);
    else yield await readBytes(file, name);
  }
}

/** transformers loads in the dtype that the config names: bfloat16 there would round the tuned weights away. */
function inFloat32(configText: string): string {
  const config = JSON.parse(configText) as Json;
  const key = config.dtype === undefined ? 'torch_dtype' : 'dtype';
  return `${JSON.stringify({ ...config, [key]: 'float32' }, null, 2)}\n`;
}

const baseName = (path: string): string => path.split(/[\\/]/).at(-1)!;
