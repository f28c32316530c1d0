/** A random model of a few thousand numbers and tasks of token ids, on disk: enough to run every command in seconds. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  exportNewModel,
  parameterShapes,
  parseConfig,
  Random,
  type Json,
  type ModelConfig,
  type Parameters,
} from '@circuit-tuning/core';
import { writeFolder } from '../src/files.js';

export const tinyConfigs: Readonly<Record<'gpt2' | 'llama', Json>> = {
  gpt2: { model_type: 'gpt2', n_layer: 2, n_embd: 16, n_head: 2, n_inner: 32, n_positions: 16, vocab_size: 24 },
  llama: {
    model_type: 'llama',
    hidden_size: 16,
    intermediate_size: 32,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    vocab_size: 24,
    max_position_embeddings: 16,
  },
};

function randomParameters(config: ModelConfig, seed: number): Parameters {
  const all = new Map(
    parameterShapes(config).map(({ name, shape, kind }, stream) => {
      const random = new Random(seed, stream);
      const length = shape.reduce((product, size) => product * size, 1);
      const isGain = kind === 'norm' && name.endsWith('.w');
      return [
        name,
        { width: shape[1] ?? 1, values: Float32Array.from({ length }, () => (isGain ? 1 : 0) + 0.3 * random.normal()) },
      ];
    }),
  );
  return {
    async read(name, rows) {
      const { width, values } = all.get(name)!;
      return rows ? values.slice(rows.from * width, rows.to * width) : values;
    },
  };
}

/** Pairs of six tokens that differ in the second, and the answers that follow. */
export const pairs = (count: number, seed = 1): string => {
  const random = new Random(seed);
  const rows = Array.from({ length: count }, () => {
    const ids = Array.from({ length: 6 }, () => random.below(20));
    const corrupt = ids.with(1, 20 + random.below(2));
    return { tokens: ids, corrupt_tokens: corrupt, targets: [{ pos: 6, good: 22, bad: 23 }] };
  });
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
};

/** Plain sequences of tokens: text to be kept. */
export const texts = (count: number, seed = 2): string => {
  const random = new Random(seed);
  const rows = Array.from({ length: count }, () => ({ tokens: Array.from({ length: 8 }, () => random.below(24)) }));
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
};

export interface Workplace {
  readonly folder: string;
  readonly model: string;
  readonly task: string;
  readonly text: string;
  at(name: string): string;
  remove(): void;
}

export async function workplace(family: 'gpt2' | 'llama' = 'gpt2'): Promise<Workplace> {
  const folder = mkdtempSync(join(tmpdir(), 'run-'));
  const at = (name: string): string => join(folder, name);
  const config = parseConfig(tinyConfigs[family]);
  await writeFolder(at('base'), exportNewModel(config, randomParameters(config, 7)));
  writeFileSync(at('task.jsonl'), pairs(12));
  writeFileSync(at('text.jsonl'), texts(6));
  return {
    folder,
    model: at('base'),
    task: at('task.jsonl'),
    text: at('text.jsonl'),
    at,
    remove: () => rmSync(folder, { recursive: true }),
  };
}
