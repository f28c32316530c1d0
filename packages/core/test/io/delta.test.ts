import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeDelta, readDelta } from '../../src/io/delta.js';
import { exportModel, memoryFolder } from '../../src/io/hfExport.js';
import { openModel } from '../../src/io/hfFolder.js';
import { bytesOf } from '../../src/io/dtypes.js';
import { openSafetensors, readInts } from '../../src/io/safetensors.js';
import { writeSafetensors } from '../../src/io/safetensorsWrite.js';
import { memorySource } from '../../src/io/source.js';
import type { Parameters } from '../../src/model/weights.js';
import { configs, edited, gpt2Config, llamaConfig, tinyFolder, tinyModel } from '../model/tinyModels.js';

const sha256 = async (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** The parameters with some values of some of them changed. */
const tuned = (base: Parameters, change: Record<string, Record<number, number>>): Parameters => ({
  async read(name, rows) {
    const values = await base.read(name);
    for (const [index, value] of Object.entries(change[name] ?? {})) values[Number(index)] = value;
    const width = name.includes('W_') ? 8 : 1;
    return rows ? values.slice(rows.from * width, rows.to * width) : values;
  },
});

describe('circuit_delta.safetensors', () => {
  const changes = {
    'embed.W_E': { 0: -0, 87: 1e-40 },
    'blocks.0.attn.W_K': { 9: 3, 10: 4 },
    'blocks.1.mlp.W_out': { 95: 1 / 3 },
    'blocks.1.ln2.w': { 2: 5 },
  };

  it.each(Object.entries(configs))('gives the tuned model bit for bit on its base (%s)', async (_, raw) => {
    const folder = await tinyFolder(raw);
    const base = await openModel(folder);
    const after = tuned(base.weights, changes);
    const delta = memorySource('delta', await makeDelta(base.weights, after, sha256));
    const applied = await openModel(folder, { overlay: await readDelta(delta, base.weights, sha256) });
    const files = async (parameters: Parameters) =>
      (await memoryFolder('x', await exportModel(base, parameters, ''))).open('model.safetensors');
    const [wanted, got] = [(await files(after))!, (await files(applied.weights))!];
    expect(await got.read(0, got.size)).toEqual(await wanted.read(0, wanted.size));
    expect(await applied.weights.read('embed.W_E', { from: 10, to: 11 })).toEqual(
      await after.read('embed.W_E', { from: 10, to: 11 }),
    );
  });

  it('holds only what changed, under Hugging Face names, with flat indices and the hash of the base', async () => {
    const { weights } = await tinyModel(gpt2Config);
    const bytes = await makeDelta(weights, tuned(weights, { 'blocks.0.attn.W_K': { 9: 3 } }), sha256);
    const file = await openSafetensors(memorySource('delta', bytes));
    const name = 'transformer.h.0.attn.c_attn.weight';
    expect([...file.tensors.keys()]).toEqual([`${name}.indices`, `${name}.values`]);
    // unit 1 of W_K reads dimension 1: row 1, column 8 + 1 of [8, 24]
    expect([...(await readInts(file, `${name}.indices`))]).toEqual([33]);
    expect(file.metadata[`sha256:${name}`]).toBe(await sha256(bytesOf(await weights.readHf(name))));
    const empty = await openSafetensors(memorySource('delta', await makeDelta(weights, weights, sha256)));
    expect(empty.tensors.size).toBe(0);
  });

  it('is refused on another base, with the tensor that differs', async () => {
    const folder = await tinyFolder(gpt2Config);
    const { weights } = await openModel(folder);
    const bytes = await makeDelta(weights, tuned(weights, { 'blocks.0.ln1.b': { 0: 3 } }), sha256);
    const other = await openModel(
      await edited(folder, (tensors) =>
        tensors.map((it) => (it.name.endsWith('h.0.ln_1.bias') ? { ...it, bytes: new Uint8Array(32) } : it)),
      ),
    );
    await expect(readDelta(memorySource('delta', bytes), other.weights, sha256)).rejects.toThrow(
      /^delta transformer\.h\.0\.ln_1\.bias: must be made from a base with sha256 [0-9a-f]{64}, got [0-9a-f]{64}\. Take/,
    );
    const llama = await tinyModel(llamaConfig);
    await expect(readDelta(memorySource('delta', bytes), llama.weights, sha256)).rejects.toThrow(
      'delta transformer.h.0.ln_1.bias: must change a tensor of the base, got one it does not have.',
    );
  });

  it('is refused when it is no delta or its indices lie', async () => {
    const { weights } = await tinyModel(gpt2Config);
    const name = 'transformer.ln_f.bias';
    const metadata = {
      format: 'circuit-delta',
      version: '1',
      [`sha256:${name}`]: await sha256(bytesOf(await weights.readHf(name))),
    };
    const reading = (indices: number[], values: number[], about: Record<string, string> = metadata) => {
      const file = writeSafetensors(
        [
          { name: `${name}.indices`, dtype: 'I32', shape: [indices.length], bytes: bytesOf(Int32Array.from(indices)) },
          { name: `${name}.values`, dtype: 'F32', shape: [values.length], bytes: bytesOf(Float32Array.from(values)) },
        ],
        about,
      );
      return readDelta(memorySource('delta', file), weights, sha256).then(() => 'read', String);
    };
    expect(await reading([1, 7], [1, 2])).toBe('read');
    expect(await reading([1], [1], {})).toContain(
      'delta: must be a circuit-delta of version 1, got undefined undefined.',
    );
    expect(await reading([1], [1, 2])).toContain('must have a value for each of 1 indices, got 2.');
    expect(await reading([1, 8], [1, 2])).toContain('indices must rise and stay below 8, got 8 at 1.');
    expect(await reading([2, 2], [1, 2])).toContain('indices must rise and stay below 8, got 2 at 1.');
    expect(await reading([-1], [1])).toContain('indices must rise and stay below 8, got -1 at 0.');
  });
});
