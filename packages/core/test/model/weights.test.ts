import { readFileSync } from 'node:fs';
import { shared } from '@circuit-tuning/testkit';
import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../src/io/dtypes.js';
import { exportModel, memoryFolder } from '../../src/io/hfExport.js';
import { openModel, type Folder } from '../../src/io/hfFolder.js';
import { openSafetensors, readBytes } from '../../src/io/safetensors.js';
import { writeSafetensors, type TensorData } from '../../src/io/safetensorsWrite.js';
import { memorySource } from '../../src/io/source.js';
import { parseConfig, type Json } from '../../src/model/config.js';
import { parameterShapes } from '../../src/model/parameters.js';
import { openWeights, type Parameters } from '../../src/model/weights.js';
import { configs, edited, gpt2Config, llamaConfig, numbered, tinyFolder, tinyModel } from './tinyModels.js';

const bytesIn = async (folder: Folder, name: string) => {
  const source = (await folder.open(name))!;
  return source.read(0, source.size);
};
const diskFolder = (path: string): Folder => ({
  name: path,
  open: async (file) => {
    try {
      return memorySource(`${path}/${file}`, new Uint8Array(readFileSync(`${path}/${file}`)));
    } catch {
      return undefined;
    }
  },
});

const mask = (name: string): TensorData => ({ name, dtype: 'U8', shape: [3], bytes: Uint8Array.of(1, 2, 3) });
const halve = (tensor: TensorData): TensorData => {
  const bits = new Uint32Array(tensor.bytes.slice().buffer);
  return { ...tensor, dtype: 'BF16', bytes: new Uint8Array(Uint16Array.from(bits, (word) => word >>> 16).buffer) };
};
const bytes = (values: number[]) => bytesOf(Float32Array.from(values));
const named = (name: string, change: (tensor: TensorData) => TensorData) => (tensors: TensorData[]) =>
  tensors.map((tensor) => (tensor.name === name ? change(tensor) : tensor));
const opening = async (raw: Json, edit: (tensors: TensorData[]) => TensorData[]) =>
  openModel(await edited(await tinyFolder(raw), edit));

describe.each(Object.entries(configs))('%s', (_, raw) => {
  it('reads every canonical parameter as it was written, whole and in rows', async () => {
    const { config, weights } = await tinyModel(raw);
    const given = numbered(raw);
    for (const { name, shape } of parameterShapes(config)) {
      expect(await weights.read(name), name).toEqual(await given.read(name));
      const rows = { from: 1, to: shape[0]! - 1 };
      expect(await weights.read(name, rows), name).toEqual(await given.read(name, rows));
    }
  });

  it('goes to canonical and back to the same file, byte for byte', async () => {
    const folder = await tinyFolder(raw);
    const model = await openModel(folder);
    const again = await memoryFolder('again', await exportModel(model, model.weights, 'card'));
    expect(await bytesIn(again, 'model.safetensors')).toEqual(await bytesIn(folder, 'model.safetensors'));
    expect(await bytesIn(again, 'config.json')).toEqual(await bytesIn(folder, 'config.json'));
  });
});

it("cuts GPT-2's fused attention into q, k and v, and turns Conv1D into rows per unit", async () => {
  const { weights } = await tinyModel(gpt2Config);
  const fused = await weights.readHf('transformer.h.1.attn.c_attn.weight');
  const at = (d: number, column: number) => fused[d * 24 + column];
  const W_K = await weights.read('blocks.1.attn.W_K');
  expect([W_K[0], W_K[1], W_K[8], W_K[63]]).toEqual([at(0, 8), at(1, 8), at(0, 9), at(7, 15)]);
  const bias = await weights.readHf('transformer.h.1.attn.c_attn.bias');
  expect(await weights.read('blocks.1.attn.b_V')).toEqual(bias.slice(16));
  const c_fc = await weights.readHf('transformer.h.0.mlp.c_fc.weight');
  expect((await weights.read('blocks.0.mlp.W_in'))[8 * 5 + 3]).toBe(c_fc[3 * 32 + 5]);
  expect(await weights.read('blocks.0.mlp.W_out')).toEqual(await weights.readHf('transformer.h.0.mlp.c_proj.weight'));
});

it("turns Llama's o_proj and down_proj, and leaves the others as they lie", async () => {
  const { weights } = await tinyModel(llamaConfig);
  const o = await weights.readHf('model.layers.1.self_attn.o_proj.weight');
  expect((await weights.read('blocks.1.attn.W_O'))[8 * 23 + 2]).toBe(o[2 * 24 + 23]);
  const down = await weights.readHf('model.layers.1.mlp.down_proj.weight');
  expect((await weights.read('blocks.1.mlp.W_out'))[8 * 11 + 7]).toBe(down[7 * 12 + 11]);
  expect(await weights.read('blocks.1.mlp.W_gate')).toEqual(
    await weights.readHf('model.layers.1.mlp.gate_proj.weight'),
  );
  expect(await weights.read('unembed.W_U')).toEqual(await weights.readHf('lm_head.weight'));
});

it('reads checkpoints of the bare model, whose names have no prefix', async () => {
  const folder = await edited(await tinyFolder(gpt2Config), (tensors) =>
    tensors.map((tensor) => ({ ...tensor, name: tensor.name.replace('transformer.', '') })),
  );
  const { weights } = await openModel(folder);
  expect(await weights.read('blocks.0.attn.W_Q')).toEqual(await numbered(gpt2Config).read('blocks.0.attn.W_Q'));
});

it('overlooks the buffers of old checkpoints and copies them on export', async () => {
  const folder = await edited(await tinyFolder(gpt2Config), (tensors) => [
    mask('transformer.h.0.attn.bias'),
    ...tensors,
    mask('transformer.h.1.attn.masked_bias'),
  ]);
  const model = await openModel(folder);
  const again = await memoryFolder('again', await exportModel(model, model.weights, ''));
  expect(await bytesIn(again, 'model.safetensors')).toEqual(await bytesIn(folder, 'model.safetensors'));
  const frequencies = await edited(await tinyFolder(llamaConfig), (tensors) => [
    ...tensors,
    mask('model.layers.0.self_attn.rotary_emb.inv_freq'),
  ]);
  await expect(openModel(frequencies)).resolves.toBeDefined();
});

it('takes a head that repeats the tied embedding, and writes both alike', async () => {
  const folder = await edited(await tinyFolder(gpt2Config), (tensors) => [
    ...tensors,
    { ...tensors[0]!, name: 'lm_head.weight' },
  ]);
  const model = await openModel(folder);
  const tuned: Parameters = { read: async (name, rows) => (await model.weights.read(name, rows)).map((x) => x + 1) };
  const again = await openModel(await memoryFolder('again', await exportModel(model, tuned, '')));
  const head = await again.weights.readHf('lm_head.weight');
  expect(head).toEqual(await again.weights.readHf('transformer.wte.weight'));
  expect(head[0]).toBe((await model.weights.readHf('lm_head.weight'))[0]! + 1);
});

it('reads bf16 and f16 into f32, and exports f32 with a config that says so', async () => {
  const raw = { ...llamaConfig, torch_dtype: 'bfloat16' };
  const folder = await edited(await tinyFolder(raw), (tensors) => tensors.map(halve));
  const model = await openModel(folder);
  const exported = await memoryFolder('again', await exportModel(model, model.weights, ''));
  const again = await openModel(exported);
  expect(JSON.parse(again.configText)).toEqual({ ...raw, torch_dtype: 'float32' });
  for (const { name } of parameterShapes(model.config)) {
    const values = await model.weights.read(name);
    expect(await again.weights.read(name)).toEqual(values);
    expect(new Uint32Array(values.buffer).every((bits) => (bits & 0xffff) === 0)).toBe(true);
  }
});

describe('a checkpoint that does not fit is refused', () => {
  it('a missing tensor', async () => {
    await expect(opening(gpt2Config, (tensors) => tensors.slice(0, -2))).rejects.toThrow(
      'tiny/model.safetensors: must hold transformer.ln_f.weight, got no such tensor (nor 1 more, such as ' +
        'transformer.ln_f.bias). Take a config.json and weights that belong together.',
    );
  });

  it('a head that an untied config asks for', async () => {
    await expect(opening(llamaConfig, (tensors) => tensors.slice(0, -1))).rejects.toThrow(
      'must hold lm_head.weight, got no such tensor. Set tie_word_embeddings to true where the model has no head.',
    );
  });

  it('an unknown tensor, such as a head with a bias', async () => {
    const extra: TensorData = { name: 'lm_head.bias', dtype: 'F32', shape: [1], bytes: bytes([1]) };
    await expect(opening(gpt2Config, (tensors) => [...tensors, extra])).rejects.toThrow(
      'tiny/model.safetensors lm_head.bias: must be a tensor of a gpt2 model, got an unknown name.',
    );
  });

  it('a wrong shape', async () => {
    const edit = named('transformer.ln_f.bias', (it) => ({ ...it, shape: [2], bytes: bytes([1, 2]) }));
    await expect(opening(gpt2Config, edit)).rejects.toThrow(
      'tiny/model.safetensors transformer.ln_f.bias: must be [8], got [2].',
    );
  });

  it.each([
    [NaN, 'NaN'],
    [Infinity, 'Infinity'],
    [-Infinity, '-Infinity'],
  ])('%d among the weights, at the read that meets it', async (value, shown) => {
    const edit = named('transformer.h.0.attn.c_attn.weight', (it) => {
      const values = new Float32Array(it.bytes.slice().buffer);
      values[3 * 24 + 17] = value;
      return { ...it, bytes: bytesOf(values) };
    });
    const { weights } = await opening(gpt2Config, edit);
    await expect(weights.read('blocks.0.attn.W_Q')).rejects.toThrow(
      `tiny/model.safetensors transformer.h.0.attn.c_attn.weight: must hold finite numbers, got ${shown} at [3, 17].`,
    );
    await expect(weights.read('blocks.1.attn.W_Q')).resolves.toBeDefined();
  });

  it('NaN in a row range, counted from the first row', async () => {
    const edit = named('transformer.wte.weight', (it) => {
      const values = new Float32Array(it.bytes.slice().buffer);
      values[10 * 8 + 1] = NaN;
      return { ...it, bytes: bytesOf(values) };
    });
    const { weights } = await opening(gpt2Config, edit);
    await expect(weights.read('embed.W_E', { from: 9, to: 11 })).rejects.toThrow('got NaN at [10, 1].');
    await expect(weights.read('embed.W_E', { from: 0, to: 10 })).resolves.toHaveLength(80);
  });

  it('one tensor in two shards', async () => {
    const { weights, config } = await tinyModel(gpt2Config);
    expect(() => openWeights(config, [...weights.files, ...weights.files])).toThrow(
      'transformer.wte.weight: must be in one file, got it in tiny/model.safetensors too.',
    );
  });

  it('a parameter, or rows, that the model does not have', async () => {
    const { weights } = await tinyModel(gpt2Config);
    await expect(weights.read('blocks.2.ln1.w')).rejects.toThrow('blocks.2.ln1.w: must be a parameter of this gpt2');
    await expect(weights.read('blocks.0.attn.W_Q', { from: 0, to: 9 })).rejects.toThrow(
      'rows must lie in 0..8, got 0..9',
    );
  });

  it('tuned parameters of another length', async () => {
    const model = await tinyModel(gpt2Config);
    const short = { read: async () => new Float32Array(3) };
    await expect(memoryFolder('out', await exportModel(model, short, ''))).rejects.toThrow(
      'embed.W_E: must give 88 values, being [11, 8], got 3.',
    );
  });
});

describe.each(['stories280K-gpt', 'stories260K'])('%s', (name) => {
  const path = shared(`models/${name}`);
  it.skipIf(!path)('goes to canonical and back byte for byte (needs ../shared/models)', async () => {
    const folder = diskFolder(path!);
    const model = await openModel(folder);
    const again = await memoryFolder('again', await exportModel(model, model.weights, 'card'));
    for (const file of ['model.safetensors', 'config.json', 'tokenizer.json', 'tokenizer_config.json'])
      expect(Buffer.compare(await bytesIn(again, file), await bytesIn(folder, file)), file).toBe(0);
  });
});

describe.each(['gpt2_tiny', 'llama_tiny'])('%s', (name) => {
  const path = shared(`fixtures/${name}.safetensors`);
  it.skipIf(!path)('goes to canonical and back bit for bit (needs ../shared/fixtures)', async () => {
    const { config } = JSON.parse(readFileSync(path!.replace('.safetensors', '.json'), 'utf8')) as { config: Json };
    const all = await openSafetensors(memorySource(name, new Uint8Array(readFileSync(path!))));
    const tensors: TensorData[] = [];
    for (const tensor of all.tensors.values())
      if (tensor.name.startsWith('weights.'))
        tensors.push({ ...tensor, name: tensor.name.slice(8), bytes: await readBytes(all, tensor.name) });
    const before = writeSafetensors(tensors);
    const folder: Folder = {
      name,
      open: async (file) => {
        if (file === 'config.json') return memorySource(file, new TextEncoder().encode(JSON.stringify(config)));
        return file === 'model.safetensors' ? memorySource(file, before) : undefined;
      },
    };
    const model = await openModel(folder);
    expect(model.config).toEqual(parseConfig(config));
    const again = await memoryFolder('again', await exportModel(model, model.weights, 'card'));
    expect(await bytesIn(again, 'model.safetensors')).toEqual(before);
  });
});
