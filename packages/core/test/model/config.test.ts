import { describe, expect, it } from 'vitest';
import { parseConfig, writeConfig, type Json } from '../../src/model/config.js';
import { parameterCount, parameterShapes } from '../../src/model/parameters.js';

const gpt2: Json = {
  model_type: 'gpt2',
  n_layer: 12,
  n_embd: 768,
  n_head: 12,
  n_positions: 1024,
  n_ctx: 1024,
  vocab_size: 50257,
  activation_function: 'gelu_new',
  layer_norm_epsilon: 1e-5,
};
const llama: Json = {
  model_type: 'llama',
  hidden_size: 2048,
  intermediate_size: 8192,
  num_hidden_layers: 16,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  head_dim: 64,
  vocab_size: 128256,
  max_position_embeddings: 131072,
  rms_norm_eps: 1e-5,
  hidden_act: 'silu',
  rope_theta: 500000,
  rope_scaling: {
    rope_type: 'llama3',
    factor: 32,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 8192,
  },
  attention_bias: false,
  mlp_bias: false,
  tie_word_embeddings: true,
};
const qwen2: Json = {
  model_type: 'qwen2',
  hidden_size: 896,
  intermediate_size: 4864,
  num_hidden_layers: 24,
  num_attention_heads: 14,
  num_key_value_heads: 2,
  vocab_size: 151936,
  max_position_embeddings: 32768,
  rms_norm_eps: 1e-6,
  hidden_act: 'silu',
  rope_theta: 1000000,
  sliding_window: 32768,
  use_sliding_window: false,
  tie_word_embeddings: true,
};
const without = (raw: Json, key: string) => Object.fromEntries(Object.entries(raw).filter(([name]) => name !== key));

describe('config.json', () => {
  it('reads GPT-2 small', () => {
    expect(parseConfig(gpt2)).toEqual({
      modelType: 'gpt2',
      L: 12,
      D: 768,
      H: 12,
      K: 12,
      E: 64,
      F: 3072,
      V: 50257,
      T: 1024,
      norm: 'layernorm',
      eps: 1e-5,
      position: { kind: 'learned' },
      act: 'gelu_new',
      qkvBias: true,
      outBias: true,
      tied: true,
    });
  });

  it('reads Llama 3.2 with its RoPE scaling, in the old and in the newer form alike', () => {
    const config = parseConfig(llama);
    expect(config).toEqual({
      modelType: 'llama',
      L: 16,
      D: 2048,
      H: 32,
      K: 8,
      E: 64,
      F: 8192,
      V: 128256,
      T: 131072,
      norm: 'rmsnorm',
      eps: 1e-5,
      position: {
        kind: 'rope',
        theta: 500000,
        scaling: { factor: 32, lowFreqFactor: 1, highFreqFactor: 4, originalContext: 8192 },
      },
      act: 'swiglu',
      qkvBias: false,
      outBias: false,
      tied: true,
    });
    const { rope_scaling: scaling, rope_theta: theta, ...rest } = llama;
    expect(parseConfig({ ...rest, rope_parameters: { ...(scaling as Json), rope_theta: theta } })).toEqual(config);
    expect(parseConfig({ ...rest, rope_parameters: { rope_type: 'default', rope_theta: 7 } }).position).toEqual({
      kind: 'rope',
      theta: 7,
    });
  });

  it('reads Qwen2: biases on q, k and v only, a sliding window that is not used', () => {
    const config = parseConfig(qwen2);
    expect(config).toMatchObject({ modelType: 'qwen2', E: 64, K: 2, qkvBias: true, outBias: false, tied: true });
    expect(config.position).toEqual({ kind: 'rope', theta: 1000000 });
  });

  it('reads Mistral as Llama when its window is off', () => {
    expect(parseConfig({ ...llama, model_type: 'mistral', sliding_window: null }).modelType).toBe('llama');
    expect(() => parseConfig({ ...llama, model_type: 'mistral' })).toThrow(
      'config.json sliding_window: must be null, or no shorter than the context of 131072, got 4096.',
    );
  });

  it("fills in what a file leaves out as transformers' own classes do", () => {
    expect(parseConfig({ ...gpt2, n_inner: null }).F).toBe(3072);
    expect(parseConfig({ ...gpt2, n_inner: 100 }).F).toBe(100);
    expect(parseConfig(without(gpt2, 'n_positions')).T).toBe(1024);
    expect(parseConfig(without(gpt2, 'activation_function')).act).toBe('gelu_new');
    expect(parseConfig({ ...gpt2, activation_function: 'gelu' }).act).toBe('gelu');
    expect(parseConfig({ ...gpt2, tie_word_embeddings: false }).tied).toBe(false);
    expect(parseConfig(without(llama, 'tie_word_embeddings')).tied).toBe(false);
    expect(parseConfig(without(qwen2, 'tie_word_embeddings')).tied).toBe(false);
    expect(parseConfig(without(llama, 'head_dim')).E).toBe(64);
    expect(parseConfig({ ...llama, head_dim: 128 }).E).toBe(128);
    expect(parseConfig({ ...llama, num_key_value_heads: null }).K).toBe(32);
    expect(parseConfig(without(without(llama, 'rope_theta'), 'rope_scaling')).position).toEqual({
      kind: 'rope',
      theta: 10000,
    });
    expect(parseConfig(without(llama, 'rms_norm_eps')).eps).toBe(1e-6);
  });

  it.each([gpt2, { ...gpt2, tie_word_embeddings: false, n_inner: 5 }, llama, qwen2])(
    'reads back what it writes (%#)',
    (raw) => {
      const config = parseConfig(raw);
      expect(parseConfig(writeConfig(config))).toEqual(config);
    },
  );

  const refused: [what: string, raw: unknown, message: string][] = [
    [
      'an unknown model_type',
      { ...gpt2, model_type: 'gpt_neox' },
      'model_type: must be one of gpt2, llama, mistral, qwen2, got "gpt_neox". Take a model of one of these families.',
    ],
    ['no model_type', {}, 'model_type: must be one of gpt2, llama, mistral, qwen2, got nothing.'],
    ['a list', [], 'config.json: must hold a JSON object, got [].'],
    ['a missing size', without(gpt2, 'n_layer'), 'n_layer: must be a positive whole number, got nothing.'],
    ['a size of 0', { ...gpt2, n_head: 0 }, 'n_head: must be a positive whole number, got 0.'],
    ['a size in words', { ...llama, hidden_size: '64' }, 'hidden_size: must be a positive whole number, got "64".'],
    ['a width the heads do not divide', { ...gpt2, n_head: 7 }, 'n_embd: must be a multiple of n_head = 7, got 768.'],
    [
      'heads the KV heads do not divide',
      { ...llama, num_key_value_heads: 5 },
      'num_key_value_heads: must divide num_attention_heads = 32, got 5.',
    ],
    ['an odd head', { ...llama, head_dim: 63 }, 'head_dim: must be even, since RoPE turns pairs, got 63.'],
    [
      'an unknown activation',
      { ...gpt2, activation_function: 'relu' },
      'activation_function: must be one of gelu_new, gelu_pytorch_tanh, gelu_fast, gelu, got "relu".',
    ],
    [
      'an activation named like a method',
      { ...llama, hidden_act: 'toString' },
      'hidden_act: must be one of silu, swish',
    ],
    [
      'an unknown RoPE scaling',
      { ...llama, rope_scaling: { type: 'yarn', factor: 4 } },
      "rope_scaling.rope_type: must be 'default' or 'llama3', got \"yarn\". This engine does not compute that",
    ],
    [
      'a RoPE scaling without its factor',
      { ...llama, rope_scaling: { rope_type: 'llama3' } },
      'rope_scaling factor: must be a positive number, got nothing.',
    ],
    [
      'a partial RoPE',
      { ...llama, partial_rotary_factor: 0.5 },
      'partial_rotary_factor: must be 1 or absent, got 0.5.',
    ],
    [
      'attention biases in Llama',
      { ...llama, attention_bias: true },
      'attention_bias: must be false or absent, got true.',
    ],
    ['MLP biases in Llama', { ...llama, mlp_bias: true }, 'mlp_bias: must be false or absent, got true.'],
    [
      'a sliding window in use',
      { ...qwen2, use_sliding_window: true, sliding_window: 4096 },
      'sliding_window: must be null, or no shorter than the context of 32768, got 4096.',
    ],
    [
      'sliding layers',
      { ...qwen2, layer_types: ['full_attention', 'sliding_attention'] },
      "layer_types: must be all 'full_attention', got",
    ],
    [
      'parallel attention',
      { ...gpt2, parallel_attn_mlp: true },
      'parallel_attn_mlp: must be false or absent, got true.',
    ],
    [
      'unscaled attention',
      { ...gpt2, scale_attn_weights: false },
      'scale_attn_weights: must be true or absent, got false.',
    ],
    [
      'quantised weights',
      { ...llama, quantization_config: { bits: 4 } },
      'quantization_config: must be null or absent',
    ],
    [
      'a tie in words',
      { ...gpt2, tie_word_embeddings: 'yes' },
      'tie_word_embeddings: must be true or false, got "yes".',
    ],
    ['an epsilon of 0', { ...gpt2, layer_norm_epsilon: 0 }, 'layer_norm_epsilon: must be a positive number, got 0.'],
  ];
  it.each(refused)('refuses %s', (_, raw, message) => {
    expect(() => parseConfig(raw)).toThrow(message);
    expect(() => parseConfig(raw)).toThrow(expect.objectContaining({ name: 'ConfigError' }));
  });
});

describe('the canonical parameters', () => {
  it('count what the models are known to have', () => {
    // GPT-2 small's 124,439,808, Llama 3.2 1B's 1,235,814,400 and Qwen2.5 0.5B's 494,032,768, tied heads once
    expect(parameterCount(parseConfig(gpt2))).toBe(124_439_808);
    expect(parameterCount(parseConfig(llama))).toBe(1_235_814_400);
    expect(parameterCount(parseConfig(qwen2))).toBe(494_032_768);
    expect(parameterCount(parseConfig({ ...gpt2, tie_word_embeddings: false }))).toBe(124_439_808 + 50257 * 768);
  });

  it('stand in the order of the forward pass, all matrices as [units, D]', () => {
    const small = { ...llama, num_hidden_layers: 1, head_dim: 16 };
    expect(parameterShapes(parseConfig(small)).map(({ name, shape, kind }) => `${name} ${shape} ${kind}`)).toEqual([
      'embed.W_E 128256,2048 embedding',
      'blocks.0.ln1.w 2048 norm',
      'blocks.0.attn.W_Q 512,2048 matrix',
      'blocks.0.attn.W_K 128,2048 matrix',
      'blocks.0.attn.W_V 128,2048 matrix',
      'blocks.0.attn.W_O 512,2048 matrix',
      'blocks.0.ln2.w 2048 norm',
      'blocks.0.mlp.W_gate 8192,2048 matrix',
      'blocks.0.mlp.W_in 8192,2048 matrix',
      'blocks.0.mlp.W_out 8192,2048 matrix',
      'ln_final.w 2048 norm',
    ]);
  });
});
