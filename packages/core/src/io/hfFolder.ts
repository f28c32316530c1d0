/** Opens a Hugging Face model folder, wherever it lies: config.json, weights in one file or in shards, a tokenizer. */
import { ConfigError, show, WeightError } from '../errors.js';
import { parseConfig, type Json, type ModelConfig } from '../model/config.js';
import { byteLevelBpe, createTokenizer, type Tokenizer } from '../model/tokenizer.js';
import { openWeights, type Overlay, type Weights } from '../model/weights.js';
import { openSafetensors, type SafetensorsFile } from './safetensors.js';
import type { Source } from './source.js';
import { INDEX } from './modelFiles.js';

export interface Folder {
  /** How errors call it, usually its path. */
  readonly name: string;
  /** A file directly inside it; undefined where there is none. */
  open(file: string): Promise<Source | undefined>;
}

export interface Model {
  readonly folder: Folder;
  readonly config: ModelConfig;
  /** config.json as it lies. */
  readonly configText: string;
  readonly weights: Weights;
  /** Without one, tasks are given as token ids. */
  readonly tokenizer?: Tokenizer;
}

/** tokenizer.json of the largest vocabularies is near 20 MB. */
const MAX_TEXT = 200_000_000;

/**
 * Opens and checks a model; weights are read later, tensor by tensor.
 * @throws ConfigError, WeightError, TaskError: each names the file, what must hold and the cure.
 */
export async function openModel(folder: Folder, options: { overlay?: Overlay } = {}): Promise<Model> {
  const { config, configText } = await openConfig(folder);
  const weights = openWeights(config, await openShards(folder), options.overlay);
  const tokenizer = await openTokenizer(folder);
  return { folder, config, configText, weights, ...(tokenizer && { tokenizer }) };
}

/** The config alone: what `inspect` needs before it touches weights. */
export async function openConfig(folder: Folder): Promise<{ config: ModelConfig; configText: string }> {
  const configText = await readText(folder, 'config.json');
  if (configText === undefined)
    throw new ConfigError({
      where: folder.name,
      rule: 'must be a Hugging Face model folder with config.json and model.safetensors',
      got: 'no config.json',
      cure: 'Give the folder that a model was saved or downloaded to',
    });
  const where = `${folder.name}/config.json`;
  return { config: parseConfig(parseJson(configText, where), where), configText };
}

/** The tokenizer of a folder: tokenizer.json, or GPT-2's older vocab.json and merges.txt. */
export async function openTokenizer(folder: Folder): Promise<Tokenizer | undefined> {
  const config = await readJson(folder, 'tokenizer_config.json');
  const tokenizer = await readJson(folder, 'tokenizer.json');
  if (tokenizer) return createTokenizer(tokenizer, config, `${folder.name}/tokenizer.json`);
  const vocab = await readJson(folder, 'vocab.json');
  const merges = await readText(folder, 'merges.txt');
  if (!vocab || merges === undefined) return undefined;
  // transformers' own defaults for GPT2Tokenizer, where the folder does not say.
  const ends = { bos_token: '<|endoftext|>', eos_token: '<|endoftext|>', add_bos_token: false };
  const table = byteLevelBpe(vocab as Record<string, number>, merges);
  return createTokenizer(table, { ...ends, ...config }, `${folder.name}/vocab.json`);
}

async function openShards(folder: Folder): Promise<SafetensorsFile[]> {
  const single = await folder.open('model.safetensors');
  if (single) return [await openSafetensors(single)];
  const index = await readJson(folder, INDEX);
  if (!index) return noWeights(folder);

  const where = `${folder.name}/${INDEX}`;
  const map = index.weight_map;
  if (typeof map !== 'object' || map === null || Object.keys(map).length === 0)
    throw new WeightError({ where, rule: 'weight_map must map tensors to files', got: show(map), cure: again });
  const tensorsOf = new Map<string, string[]>();
  for (const [tensor, file] of Object.entries(map)) {
    // A name with a slash, or a leading dot, could lead out of the folder.
    if (typeof file !== 'string' || !/^[\w-][\w.-]*\.safetensors$/.test(file))
      throw new WeightError({
        where: `${where} ${tensor}`,
        rule: 'must name a .safetensors file inside the folder',
        got: show(file),
        cure: 'Do not open this folder unless you trust whoever made it',
      });
    tensorsOf.set(file, [...(tensorsOf.get(file) ?? []), tensor]);
  }
  const files: SafetensorsFile[] = [];
  for (const name of [...tensorsOf.keys()].toSorted()) {
    const source = await folder.open(name);
    if (!source) throw new WeightError({ where, rule: `${name} must lie beside it`, got: 'no such file', cure: again });
    const file = await openSafetensors(source);
    const missing = tensorsOf.get(name)!.find((tensor) => !file.tensors.has(tensor));
    if (missing !== undefined)
      throw new WeightError({ where: source.name, rule: `must hold ${missing}`, got: 'no such tensor', cure: again });
    files.push(file);
  }
  return files;
}

async function noWeights(folder: Folder): Promise<never> {
  const pickle = (await folder.open('pytorch_model.bin')) ?? (await folder.open('pytorch_model.bin.index.json'));
  throw new WeightError({
    where: folder.name,
    rule: `must hold model.safetensors or ${INDEX}`,
    got: pickle ? 'pytorch_model.bin only' : 'neither',
    cure: pickle ? 'Save the model again with transformers (save_pretrained writes safetensors)' : again,
  });
}

async function readJson(folder: Folder, file: string): Promise<Json | undefined> {
  const text = await readText(folder, file);
  return text === undefined ? undefined : parseJson(text, `${folder.name}/${file}`);
}

async function readText(folder: Folder, file: string): Promise<string | undefined> {
  const source = await folder.open(file);
  if (!source) return undefined;
  if (source.size > MAX_TEXT)
    throw new ConfigError({
      where: source.name,
      rule: `must be at most ${MAX_TEXT} bytes long`,
      got: source.size,
      cure: 'Take the file that belongs to the model',
    });
  return new TextDecoder().decode(await source.read(0, source.size));
}

function parseJson(text: string, where: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ConfigError({ where, rule: 'must be JSON', got: (error as Error).message, cure: again });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ConfigError({ where, rule: 'must hold a JSON object', got: show(value), cure: again });
  return value as Json;
}

const again = 'Download the model again';
