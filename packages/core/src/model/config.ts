/**
 * What the engine needs to know about a model, read from a Hugging Face config.json, and back.
 * One table per family names the keys and their defaults (those of transformers' own config classes); whatever in the
 * file would make the model compute something else than this engine does is an error that names the key.
 */
import { ConfigError, show } from '../errors.js';

export interface RopeScaling {
  readonly factor: number;
  readonly lowFreqFactor: number;
  readonly highFreqFactor: number;
  readonly originalContext: number;
}

export interface ModelConfig {
  readonly modelType: 'gpt2' | 'llama' | 'qwen2';
  /** Layers. */
  readonly L: number;
  /** Residual stream width. */
  readonly D: number;
  /** Query heads. */
  readonly H: number;
  /** Key/value heads; H / K query heads share one. */
  readonly K: number;
  /** Width of one head; H·E need not be D. */
  readonly E: number;
  /** MLP neurons. */
  readonly F: number;
  /** Rows of the embedding, which may be more than the tokenizer has tokens. */
  readonly V: number;
  /** Longest context in tokens. */
  readonly T: number;
  readonly norm: 'layernorm' | 'rmsnorm';
  readonly eps: number;
  readonly position:
    | { readonly kind: 'learned' }
    /** Half-split pairs (i, i + E/2); `scaling` is Llama 3.1's, by wavelength. */
    | { readonly kind: 'rope'; readonly theta: number; readonly scaling?: RopeScaling };
  /** 'gelu_new' is the tanh form, 'gelu' the erf form. */
  readonly act: 'gelu_new' | 'gelu' | 'swiglu';
  readonly qkvBias: boolean;
  /** b_O, b_in and b_out. */
  readonly outBias: boolean;
  /** The head reads the embedding matrix. */
  readonly tied: boolean;
}

export type Json = Record<string, unknown>;

interface Family {
  readonly modelType: ModelConfig['modelType'];
  /** Spelling of each size in the file; the second, if any, is an older one. */
  readonly keys: Record<'L' | 'D' | 'H' | 'V' | 'T' | 'F' | 'eps' | 'act', readonly [string, string?]>;
  readonly eps: number;
  readonly act: string;
  readonly acts: Readonly<Record<string, ModelConfig['act']>>;
  readonly tied: boolean;
  readonly qkvBias: boolean;
  /** GPT-2: LayerNorm, learned positions, biases everywhere. Otherwise RMSNorm, RoPE, grouped heads, gated MLP. */
  readonly classic: boolean;
  /** Keys that must have one of these values, where they are given at all. */
  readonly only: Readonly<Record<string, readonly unknown[]>>;
}

const gelus = { gelu_new: 'gelu_new', gelu_pytorch_tanh: 'gelu_new', gelu_fast: 'gelu_new', gelu: 'gelu' } as const;
const everywhere = {
  quantization_config: [null],
  is_encoder_decoder: [false],
  add_cross_attention: [false],
  // GPT-NeoX, GPT-J and Falcon style blocks under a borrowed model_type
  parallel_attn_mlp: [false],
  use_parallel_residual: [false],
  parallel_attn: [false],
};

const llama: Family = {
  modelType: 'llama',
  keys: {
    L: ['num_hidden_layers'],
    D: ['hidden_size'],
    H: ['num_attention_heads'],
    V: ['vocab_size'],
    T: ['max_position_embeddings'],
    F: ['intermediate_size'],
    eps: ['rms_norm_eps'],
    act: ['hidden_act'],
  },
  eps: 1e-6,
  act: 'silu',
  acts: { silu: 'swiglu', swish: 'swiglu' },
  tied: false,
  qkvBias: false,
  classic: false,
  // attention_bias would also put a bias on o_proj without one on the MLP
  only: { ...everywhere, attention_bias: [false], mlp_bias: [false], partial_rotary_factor: [1] },
};

const families: Readonly<Record<string, Family>> = {
  gpt2: {
    modelType: 'gpt2',
    keys: {
      L: ['n_layer'],
      D: ['n_embd'],
      H: ['n_head'],
      V: ['vocab_size'],
      T: ['n_positions', 'n_ctx'],
      F: ['n_inner'],
      eps: ['layer_norm_epsilon'],
      act: ['activation_function'],
    },
    eps: 1e-5,
    act: 'gelu_new',
    acts: gelus,
    tied: true,
    qkvBias: true,
    classic: true,
    only: { ...everywhere, scale_attn_weights: [true], scale_attn_by_inverse_layer_idx: [false] },
  },
  llama,
  // Mistral computes what Llama computes as long as its sliding window is off.
  mistral: llama,
  qwen2: { ...llama, modelType: 'qwen2', qkvBias: true, only: { ...everywhere, partial_rotary_factor: [1] } },
};

/**
 * Reads a parsed config.json. `where` names the file in errors.
 * @throws ConfigError for an unknown model_type, a missing or impossible size, or a feature the engine does not have.
 */
export function parseConfig(raw: unknown, where = 'config.json'): ModelConfig {
  if (!isObject(raw)) fail(where, 'must hold a JSON object', raw, 'Take the config.json of a Hugging Face checkpoint');
  const family = typeof raw.model_type === 'string' ? families[raw.model_type] : undefined;
  if (!family) {
    const known = Object.keys(families).join(', ');
    fail(`${where} model_type`, `must be one of ${known}`, raw.model_type, 'Take a model of one of these families');
  }
  for (const [key, allowed] of Object.entries(family.only))
    if (raw[key] !== undefined && raw[key] !== null && !allowed.includes(raw[key]))
      fail(`${where} ${key}`, `must be ${allowed.map(show).join(' or ')} or absent`, raw[key], unsupported);

  const [L, D, H, V, T] = (['L', 'D', 'H', 'V', 'T'] as const).map((size) => sizeAt(raw, where, ...family.keys[size]));
  const sizes = { L: L!, D: D!, H: H!, V: V!, T: T! };
  const [actKey] = family.keys.act;
  const actName = raw[actKey] ?? family.act;
  const act = typeof actName === 'string' && Object.hasOwn(family.acts, actName) ? family.acts[actName] : undefined;
  if (!act) fail(`${where} ${actKey}`, `must be one of ${Object.keys(family.acts).join(', ')}`, actName, unsupported);
  const common = {
    modelType: family.modelType,
    ...sizes,
    eps: numberAt(raw, where, family.keys.eps[0], family.eps),
    act,
    qkvBias: family.qkvBias,
    outBias: family.classic,
    tied: booleanAt(raw, where, 'tie_word_embeddings', family.tied),
  };

  if (family.classic) {
    const F = raw.n_inner === null || raw.n_inner === undefined ? 4 * sizes.D : sizeAt(raw, where, 'n_inner');
    const E = headWidth(sizes, where, family);
    return { ...common, K: sizes.H, E, F, norm: 'layernorm', position: { kind: 'learned' } };
  }

  const K = raw.num_key_value_heads == null ? sizes.H : sizeAt(raw, where, 'num_key_value_heads');
  if (sizes.H % K !== 0)
    fail(`${where} num_key_value_heads`, `must divide num_attention_heads = ${sizes.H}`, K, 'Correct the config');
  const E = raw.head_dim == null ? headWidth(sizes, where, family) : sizeAt(raw, where, 'head_dim');
  if (E % 2 !== 0) fail(`${where} head_dim`, 'must be even, since RoPE turns pairs', E, 'Correct the config');
  refuseSlidingWindow(raw, where, sizes.T);
  const position = { kind: 'rope', ...ropeOf(raw, where) } as const;
  return { ...common, K, E, F: sizeAt(raw, where, 'intermediate_size'), norm: 'rmsnorm', position };
}

/** A config.json for a model that was not read from one. transformers and parseConfig both read it back the same. */
export function writeConfig(config: ModelConfig): Json {
  const { L, D, H, K, E, F, V, T, eps, tied } = config;
  const common = { model_type: config.modelType, vocab_size: V, tie_word_embeddings: tied, torch_dtype: 'float32' };
  if (config.modelType === 'gpt2')
    return {
      architectures: ['GPT2LMHeadModel'],
      ...common,
      n_positions: T,
      n_embd: D,
      n_layer: L,
      n_head: H,
      n_inner: F,
      activation_function: config.act,
      layer_norm_epsilon: eps,
      // Without these transformers would generate with the ids of the 50,257-token vocabulary.
      bos_token_id: null,
      eos_token_id: null,
    };
  const rope = config.position.kind === 'rope' ? config.position : undefined;
  return {
    architectures: [config.modelType === 'qwen2' ? 'Qwen2ForCausalLM' : 'LlamaForCausalLM'],
    ...common,
    hidden_size: D,
    intermediate_size: F,
    num_hidden_layers: L,
    num_attention_heads: H,
    num_key_value_heads: K,
    head_dim: E,
    max_position_embeddings: T,
    rms_norm_eps: eps,
    hidden_act: 'silu',
    rope_theta: rope?.theta,
    ...(rope?.scaling && {
      rope_scaling: {
        rope_type: 'llama3',
        factor: rope.scaling.factor,
        low_freq_factor: rope.scaling.lowFreqFactor,
        high_freq_factor: rope.scaling.highFreqFactor,
        original_max_position_embeddings: rope.scaling.originalContext,
      },
    }),
  };
}

const unsupported = 'This engine does not compute that: take a model without it';

/** transformers 5 keeps everything in `rope_parameters`; before, `rope_theta` and `rope_scaling` stood side by side. */
function ropeOf(raw: Json, where: string): { theta: number; scaling?: RopeScaling } {
  const key = raw.rope_parameters == null ? 'rope_scaling' : 'rope_parameters';
  const given = raw[key] ?? {};
  const at = `${where} ${key}`;
  if (!isObject(given)) fail(at, 'must be an object or null', given, 'Correct the config');
  const theta = numberAt({ rope_theta: given.rope_theta ?? raw.rope_theta }, where, 'rope_theta', 10_000);
  if (given.partial_rotary_factor != null && given.partial_rotary_factor !== 1)
    fail(`${at}.partial_rotary_factor`, 'must be 1 or absent', given.partial_rotary_factor, unsupported);
  const type = given.rope_type ?? given.type ?? 'default';
  if (type === 'default') return { theta };
  if (type !== 'llama3') fail(`${at}.rope_type`, "must be 'default' or 'llama3'", type, unsupported);
  return {
    theta,
    scaling: {
      factor: numberAt(given, at, 'factor'),
      lowFreqFactor: numberAt(given, at, 'low_freq_factor'),
      highFreqFactor: numberAt(given, at, 'high_freq_factor'),
      originalContext: sizeAt(given, at, 'original_max_position_embeddings'),
    },
  };
}

/** A window at least as long as the context never cuts anything, and Qwen2 writes one that it does not use. */
function refuseSlidingWindow(raw: Json, where: string, T: number): void {
  const layers = raw.layer_types;
  if (Array.isArray(layers) && layers.some((type) => type !== 'full_attention'))
    fail(`${where} layer_types`, "must be all 'full_attention'", layers, unsupported);
  // 4096 is what transformers assumes for a Mistral config that does not say.
  const window = raw.sliding_window === undefined && raw.model_type === 'mistral' ? 4096 : raw.sliding_window;
  const used = raw.use_sliding_window ?? raw.model_type !== 'qwen2';
  if (used && window != null && !(typeof window === 'number' && window >= T))
    fail(`${where} sliding_window`, `must be null, or no shorter than the context of ${T}`, window, unsupported);
}

function headWidth({ D, H }: { D: number; H: number }, where: string, family: Family): number {
  if (D % H !== 0)
    fail(`${where} ${family.keys.D[0]}`, `must be a multiple of ${family.keys.H[0]} = ${H}`, D, 'Correct the config');
  return D / H;
}

function sizeAt(raw: Json, where: string, key: string, older?: string): number {
  const value = raw[key] ?? (older === undefined ? undefined : raw[older]);
  // 2³¹: sizes travel as i32 and u32 to the device and into other tools
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > 2 ** 31)
    fail(
      `${where} ${key}`,
      'must be a positive whole number',
      value,
      'Take the config.json that belongs to the weights',
    );
  return value as number;
}

function numberAt(raw: Json, where: string, key: string, fallback?: number): number {
  const value = raw[key] ?? fallback;
  if (typeof value !== 'number' || !(value > 0) || !Number.isFinite(value))
    fail(`${where} ${key}`, 'must be a positive number', value, 'Take the config.json that belongs to the weights');
  return value;
}

function booleanAt(raw: Json, where: string, key: string, fallback: boolean): boolean {
  const value = raw[key] ?? fallback;
  if (typeof value !== 'boolean') fail(`${where} ${key}`, 'must be true or false', value, 'Correct the config');
  return value;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function fail(where: string, rule: string, value: unknown, cure: string): never {
  throw new ConfigError({ where, rule, got: value === undefined ? 'nothing' : show(value), cure });
}
