/**
 * Hugging Face tensor names ↔ canonical parameters, one table per family: data only, read in both directions.
 *
 * `transposed`: the file stores [D, units] where we store [units, D] (GPT-2's Conv1D; Llama's o_proj and down_proj).
 * `part: [i, n]`: the parameter is the i-th of n equal pieces of a fused tensor, cut along its last dimension.
 */
import type { ModelConfig } from './config.js';
import { parameterShapes } from './parameters.js';

interface Row {
  readonly ours: string;
  readonly hf: string;
  readonly transposed?: true;
  readonly part?: readonly [number, number];
}

interface Table {
  /** Checkpoints of the bare model leave this prefix out; those with a head have it, on all but the head. */
  readonly prefix: string;
  readonly rows: readonly Row[];
  /** Buffers that old checkpoints carry and no model reads. */
  readonly ignorable: RegExp;
}

/** The head stands outside the prefix, in every family. */
export const headName = 'lm_head.weight';

const block = 'blocks.{l}';

const gpt2: Table = {
  prefix: 'transformer.',
  ignorable: /^(transformer\.)?h\.\d+\.attn\.(bias|masked_bias)$/,
  rows: [
    { ours: 'embed.W_E', hf: 'wte.weight' },
    { ours: 'pos_embed.W_pos', hf: 'wpe.weight' },
    { ours: `${block}.ln1.w`, hf: 'h.{l}.ln_1.weight' },
    { ours: `${block}.ln1.b`, hf: 'h.{l}.ln_1.bias' },
    { ours: `${block}.attn.W_Q`, hf: 'h.{l}.attn.c_attn.weight', transposed: true, part: [0, 3] },
    { ours: `${block}.attn.W_K`, hf: 'h.{l}.attn.c_attn.weight', transposed: true, part: [1, 3] },
    { ours: `${block}.attn.W_V`, hf: 'h.{l}.attn.c_attn.weight', transposed: true, part: [2, 3] },
    { ours: `${block}.attn.b_Q`, hf: 'h.{l}.attn.c_attn.bias', part: [0, 3] },
    { ours: `${block}.attn.b_K`, hf: 'h.{l}.attn.c_attn.bias', part: [1, 3] },
    { ours: `${block}.attn.b_V`, hf: 'h.{l}.attn.c_attn.bias', part: [2, 3] },
    { ours: `${block}.attn.W_O`, hf: 'h.{l}.attn.c_proj.weight' },
    { ours: `${block}.attn.b_O`, hf: 'h.{l}.attn.c_proj.bias' },
    { ours: `${block}.ln2.w`, hf: 'h.{l}.ln_2.weight' },
    { ours: `${block}.ln2.b`, hf: 'h.{l}.ln_2.bias' },
    { ours: `${block}.mlp.W_in`, hf: 'h.{l}.mlp.c_fc.weight', transposed: true },
    { ours: `${block}.mlp.b_in`, hf: 'h.{l}.mlp.c_fc.bias' },
    { ours: `${block}.mlp.W_out`, hf: 'h.{l}.mlp.c_proj.weight' },
    { ours: `${block}.mlp.b_out`, hf: 'h.{l}.mlp.c_proj.bias' },
    { ours: 'ln_final.w', hf: 'ln_f.weight' },
    { ours: 'ln_final.b', hf: 'ln_f.bias' },
    { ours: 'unembed.W_U', hf: headName },
  ],
};

const llama: Table = {
  prefix: 'model.',
  ignorable: /^(model\.)?(layers\.\d+\.self_attn\.)?rotary_emb\.inv_freq$/,
  rows: [
    { ours: 'embed.W_E', hf: 'embed_tokens.weight' },
    { ours: `${block}.ln1.w`, hf: 'layers.{l}.input_layernorm.weight' },
    { ours: `${block}.attn.W_Q`, hf: 'layers.{l}.self_attn.q_proj.weight' },
    { ours: `${block}.attn.W_K`, hf: 'layers.{l}.self_attn.k_proj.weight' },
    { ours: `${block}.attn.W_V`, hf: 'layers.{l}.self_attn.v_proj.weight' },
    { ours: `${block}.attn.b_Q`, hf: 'layers.{l}.self_attn.q_proj.bias' },
    { ours: `${block}.attn.b_K`, hf: 'layers.{l}.self_attn.k_proj.bias' },
    { ours: `${block}.attn.b_V`, hf: 'layers.{l}.self_attn.v_proj.bias' },
    { ours: `${block}.attn.W_O`, hf: 'layers.{l}.self_attn.o_proj.weight', transposed: true },
    { ours: `${block}.ln2.w`, hf: 'layers.{l}.post_attention_layernorm.weight' },
    { ours: `${block}.mlp.W_gate`, hf: 'layers.{l}.mlp.gate_proj.weight' },
    { ours: `${block}.mlp.W_in`, hf: 'layers.{l}.mlp.up_proj.weight' },
    { ours: `${block}.mlp.W_out`, hf: 'layers.{l}.mlp.down_proj.weight', transposed: true },
    { ours: 'ln_final.w', hf: 'norm.weight' },
    { ours: 'unembed.W_U', hf: headName },
  ],
};

/** Qwen2 is Llama with q, k and v biases: rows for parameters that a config does not have are left out. */
const tables: Readonly<Record<ModelConfig['modelType'], Table>> = { gpt2, llama, qwen2: llama };

export interface HfPart {
  /** Canonical name. */
  readonly parameter: string;
  /** Canonical shape. */
  readonly shape: readonly number[];
  readonly transposed: boolean;
  /** First column of the part in the HF tensor, or first element of a vector. */
  readonly column: number;
}

export interface HfTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Several only where the tensor is fused. */
  readonly parts: readonly HfPart[];
}

/** Every tensor a checkpoint of this config must hold, in the order of the table. */
export function hfTensors(config: ModelConfig, { prefixed }: { prefixed: boolean }): HfTensor[] {
  const { prefix, rows } = tables[config.modelType];
  const shapes = new Map(parameterShapes(config).map(({ name, shape }) => [name, shape]));
  const tensors = new Map<string, HfTensor>();
  for (const { layer, row } of unrolled(rows, config.L)) {
    const parameter = row.ours.replace('{l}', layer);
    const shape = shapes.get(parameter);
    if (!shape) continue;
    const bare = row.hf.replace('{l}', layer);
    const name = prefixed && bare !== headName ? prefix + bare : bare;
    const [piece, pieces] = row.part ?? [0, 1];
    const stored = row.transposed ? shape.toReversed() : [...shape];
    const width = stored.at(-1)!;
    const part = { parameter, shape, transposed: row.transposed ?? false, column: piece * width };
    const before = tensors.get(name)?.parts ?? [];
    tensors.set(name, { name, shape: [...stored.slice(0, -1), width * pieces], parts: [...before, part] });
  }
  return [...tensors.values()];
}

export const hasPrefix = (config: ModelConfig, names: ReadonlyMap<string, unknown>): boolean => {
  const { prefix, rows } = tables[config.modelType];
  return names.has(prefix + rows[0]!.hf);
};

export const isIgnorable = (config: ModelConfig, name: string): boolean =>
  tables[config.modelType].ignorable.test(name);

/** Rows of a block once per layer, layer by layer, in the place where the table has them. */
function* unrolled(rows: readonly Row[], L: number): Generator<{ layer: string; row: Row }> {
  const inBlock = rows.filter(({ ours }) => ours.startsWith(block));
  for (const row of rows) {
    if (row === inBlock[0])
      for (let l = 0; l < L; l++) for (const each of inBlock) yield { layer: String(l), row: each };
    else if (!inBlock.includes(row)) yield { layer: '', row };
  }
}
