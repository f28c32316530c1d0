/**
 * The models that benches take the sizes of. Weights are random: speed does not depend on them.
 * Numbers from the checkpoints' config.json (openai-community/gpt2, gpt2-medium, HuggingFaceTB/SmolLM2-135M,
 * meta-llama/Llama-3.2-1B); `embedded` is the model that the CLI carries.
 */
import { readFileSync } from 'node:fs';
import { parseConfig, type ModelConfig } from '@circuit-tuning/core';

const gpt2 = { model_type: 'gpt2', vocab_size: 50257, n_positions: 1024 };
const llama = { model_type: 'llama', tie_word_embeddings: true, rms_norm_eps: 1e-5 };

const configs = {
  gpt2: { ...gpt2, n_layer: 12, n_embd: 768, n_head: 12 },
  'gpt2-medium': { ...gpt2, n_layer: 24, n_embd: 1024, n_head: 16 },
  'smollm2-135m': {
    ...llama,
    num_hidden_layers: 30,
    hidden_size: 576,
    num_attention_heads: 9,
    num_key_value_heads: 3,
    intermediate_size: 1536,
    vocab_size: 49152,
    max_position_embeddings: 8192,
    rope_theta: 100000,
  },
  'llama-3.2-1b': {
    ...llama,
    num_hidden_layers: 16,
    hidden_size: 2048,
    num_attention_heads: 32,
    num_key_value_heads: 8,
    head_dim: 64,
    intermediate_size: 8192,
    vocab_size: 128256,
    max_position_embeddings: 131072,
    rope_theta: 500000,
    rope_scaling: {
      rope_type: 'llama3',
      factor: 32,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 8192,
    },
  },
  embedded: { model_type: 'gpt2', vocab_size: 250, n_positions: 16, n_layer: 3, n_embd: 64, n_head: 8, n_inner: 256 },
  // what peers train, who keep all logits: 3.4 million parameters
  small: { ...gpt2, vocab_size: 1024, n_positions: 64, n_layer: 4, n_embd: 256, n_head: 8 },
  tiny: { ...gpt2, vocab_size: 64, n_positions: 16, n_layer: 2, n_embd: 16, n_head: 2 },
} as const;

export const shapeNames = Object.keys(configs) as readonly (keyof typeof configs)[];

/** By name, or a config.json. @throws ConfigError for a file that is no config. */
export function shapeOf(name: string): ModelConfig {
  const known = (configs as Readonly<Record<string, unknown>>)[name];
  if (known) return parseConfig(known, name);
  let text: string;
  try {
    text = readFileSync(name, 'utf8');
  } catch {
    throw new Error(`--model: must be one of ${shapeNames.join(', ')}, or a config.json, got '${name}'.`);
  }
  return parseConfig(JSON.parse(text), name);
}
