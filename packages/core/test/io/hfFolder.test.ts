import { describe, expect, it } from 'vitest';
import { exportModel, memoryFolder, textFile } from '../../src/io/hfExport.js';
import { openModel, type Folder } from '../../src/io/hfFolder.js';
import { readBytes } from '../../src/io/safetensors.js';
import { writeSafetensors } from '../../src/io/safetensorsWrite.js';
import { memorySource } from '../../src/io/source.js';
import { parameterShapes } from '../../src/model/parameters.js';
import { gpt2Config, llamaConfig, numbered, replaced, tinyFolder, tinyModel } from '../model/tinyModels.js';

const encode = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const text = async (folder: Folder, name: string) => {
  const source = (await folder.open(name))!;
  return new TextDecoder().decode(await source.read(0, source.size));
};

const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const;

/** The tiny Llama in two shards; `edit` changes the index. */
async function sharded(edit: (map: Record<string, unknown>) => unknown = (map) => map): Promise<Folder> {
  const { weights, configText } = await tinyModel(llamaConfig);
  const [file] = weights.files;
  const names = [...file!.tensors.keys()];
  const contents = new Map<string, Uint8Array<ArrayBuffer>>([['config.json', encode(configText)]]);
  const map: Record<string, string> = {};
  for (const [i, half] of [names.slice(0, 7), names.slice(7)].entries()) {
    const tensors = half.map(async (name) => ({ ...file!.tensors.get(name)!, bytes: await readBytes(file!, name) }));
    contents.set(shards[i]!, writeSafetensors(await Promise.all(tensors), { format: 'pt' }));
    for (const name of half) map[name] = shards[i]!;
  }
  contents.set('model.safetensors.index.json', encode({ metadata: { total_size: 1 }, weight_map: edit(map) }));
  return {
    name: 'two',
    open: async (name) => {
      const bytes = contents.get(name);
      return bytes && memorySource(`two/${name}`, bytes);
    },
  };
}

describe('a model folder', () => {
  it('opens from shards as it does from one file', async () => {
    const { config, weights } = await openModel(await sharded());
    for (const { name } of parameterShapes(config))
      expect(await weights.read(name), name).toEqual(await numbered(llamaConfig).read(name));
  });

  it('is exported in the shards it came in', async () => {
    const folder = await sharded();
    const model = await openModel(folder);
    const again = await memoryFolder('again', await exportModel(model, model.weights, '# card'));
    for (const name of [...shards, 'model.safetensors.index.json', 'config.json'])
      expect(await text(again, name), name).toBe(await text(folder, name));
    expect(await text(again, 'README.md')).toBe('# card');
    expect(await again.open('tokenizer.json')).toBeUndefined();
  });

  it('opens without a tokenizer, and with one', async () => {
    const folder = await tinyFolder(gpt2Config);
    expect((await openModel(folder)).tokenizer).toBeUndefined();
    const vocab = { a: 0, b: 1, ab: 2, '<|endoftext|>': 3 };
    const merges = replaced(
      replaced(folder, 'vocab.json', encode(vocab)),
      'merges.txt',
      encode('#version: 0.2\na b\n'),
    );
    const { tokenizer } = await openModel(merges);
    expect(tokenizer!.encode('aab')).toEqual([0, 2]);
    expect(tokenizer).toMatchObject({ bosId: 3, eosId: 3, addsBos: false, V: 4 });
  });

  it('copies tokenizer and generation files on export', async () => {
    const folder = replaced(await tinyFolder(gpt2Config), 'generation_config.json', encode('{"eos_token_id": 3}'));
    const model = await openModel(folder);
    const again = await memoryFolder('again', await exportModel(model, model.weights, ''));
    expect(await text(again, 'generation_config.json')).toBe('{"eos_token_id": 3}');
  });
});

const message = async (folder: Folder | Promise<Folder>) => openModel(await folder).then(() => 'opened', String);

describe('a folder that is not whole is refused', () => {
  it('no config.json', async () => {
    expect(await message(memoryFolder('empty', []))).toBe(
      'ConfigError: empty: must be a Hugging Face model folder with config.json and model.safetensors, got no ' +
        'config.json. Give the folder that a model was saved or downloaded to.',
    );
  });

  it('a config.json that is no JSON, or no object', async () => {
    const folder = await tinyFolder(gpt2Config);
    expect(await message(replaced(folder, 'config.json', encode('{')))).toMatch(
      /^ConfigError: tiny\/config\.json: must be JSON, got .*\. Download the model again\.$/,
    );
    expect(await message(replaced(folder, 'config.json', encode('3')))).toContain('must hold a JSON object, got 3.');
  });

  it('no weights, or pickled ones', async () => {
    const folder = replaced(await tinyFolder(gpt2Config), 'model.safetensors');
    expect(await message(folder)).toBe(
      'WeightError: tiny: must hold model.safetensors or model.safetensors.index.json, got neither. ' +
        'Download the model again.',
    );
    expect(await message(replaced(folder, 'pytorch_model.bin', encode('x')))).toContain(
      'got pytorch_model.bin only. Save the model again with transformers',
    );
  });

  it('a truncated weight file', async () => {
    const folder = await tinyFolder(gpt2Config);
    const source = (await folder.open('model.safetensors'))!;
    const cut = await source.read(0, source.size - 4);
    expect(await message(replaced(folder, 'model.safetensors', cut))).toMatch(
      /^WeightError: tiny\/model\.safetensors transformer\.ln_f\.bias: must end inside .* the file is cut off\./,
    );
  });

  it('a shard that is not there', async () => {
    expect(await message(replaced(await sharded(), shards[1]))).toBe(
      `WeightError: two/model.safetensors.index.json: ${shards[1]} must lie beside it, got no such file. ` +
        'Download the model again.',
    );
  });

  it.each(['../../secret.safetensors', '/etc/a.safetensors', 'a\\b.safetensors', '.safetensors', 'a.bin', 7])(
    'a shard named %s',
    async (name) => {
      expect(await message(sharded((map) => ({ ...map, 'lm_head.weight': name })))).toContain(
        `index.json lm_head.weight: must name a .safetensors file inside the folder, got ${JSON.stringify(name)}.`,
      );
    },
  );

  it('an index that names a tensor its shard lacks, or nothing at all', async () => {
    expect(await message(sharded((map) => ({ ...map, extra: shards[0] })))).toContain(
      `two/${shards[0]}: must hold extra, got no such tensor.`,
    );
    expect(await message(sharded(() => ({})))).toContain('weight_map must map tensors to files, got {}.');
  });

  it('a tokenizer.json that is none', async () => {
    const folder = await memoryFolder('t', [textFile('tokenizer.json', '{"model":{"type":"?"}}')]);
    const tiny = await tinyFolder(gpt2Config);
    const both = { name: 't', open: async (name: string) => (await folder.open(name)) ?? tiny.open(name) };
    expect(await message(both)).toMatch(
      /^TaskError: t\/tokenizer\.json: must be a tokenizer that @huggingface\/tokenizers can use, got /,
    );
  });
});
