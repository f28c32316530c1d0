/**
 * The canonical parameters of a model: names, shapes and kinds, in the order the forward pass meets them.
 *
 * Names are TransformerLens's; layout is ours: every weight matrix is [units, D], one row per head channel or MLP
 * neuron, whether it reads the residual stream (W_Q, W_K, W_V, W_gate, W_in: y = x·Wᵀ) or writes to it (W_O, W_out:
 * y = z·W). So every node of a circuit owns a contiguous range of rows, and a mask over rows is a mask over nodes.
 */
import { byteLength, type DType } from '../graph/value.js';
import type { ModelConfig } from './config.js';

/** Weight decay usually leaves 'norm' and 'bias' alone; circuits own rows of 'matrix' and 'bias'. */
export type ParameterKind = 'embedding' | 'norm' | 'matrix' | 'bias';

/** What the weights of a model may lie on a device as. */
export const dtypes = ['f32', 'f16'] as const;
export type WeightDType = (typeof dtypes)[number];

/** Norms and biases are few, and f32 always. */
export const storedAs = (kind: ParameterKind, dtype: WeightDType): DType =>
  kind === 'matrix' || kind === 'embedding' ? dtype : 'f32';

export interface ParameterShape {
  readonly name: string;
  readonly shape: readonly number[];
  readonly kind: ParameterKind;
}

/** Every canonical parameter of a model with this config. A tied model has no `unembed.W_U`: it reads `embed.W_E`. */
export function parameterShapes(config: ModelConfig): ParameterShape[] {
  const { L, D, H, K, E, F, V, T } = config;
  const layerNorm = config.norm === 'layernorm';
  const parameters: ParameterShape[] = [];
  const add = (kind: ParameterKind, name: string, ...shape: number[]) => void parameters.push({ name, shape, kind });
  const norm = (name: string) => {
    add('norm', `${name}.w`, D);
    if (layerNorm) add('norm', `${name}.b`, D);
  };

  add('embedding', 'embed.W_E', V, D);
  if (config.position.kind === 'learned') add('embedding', 'pos_embed.W_pos', T, D);
  for (let l = 0; l < L; l++) {
    const attn = `blocks.${l}.attn`;
    const mlp = `blocks.${l}.mlp`;
    norm(`blocks.${l}.ln1`);
    add('matrix', `${attn}.W_Q`, H * E, D);
    add('matrix', `${attn}.W_K`, K * E, D);
    add('matrix', `${attn}.W_V`, K * E, D);
    add('matrix', `${attn}.W_O`, H * E, D);
    if (config.qkvBias) {
      add('bias', `${attn}.b_Q`, H * E);
      add('bias', `${attn}.b_K`, K * E);
      add('bias', `${attn}.b_V`, K * E);
    }
    if (config.outBias) add('bias', `${attn}.b_O`, D);
    norm(`blocks.${l}.ln2`);
    if (config.act === 'swiglu') add('matrix', `${mlp}.W_gate`, F, D);
    add('matrix', `${mlp}.W_in`, F, D);
    add('matrix', `${mlp}.W_out`, F, D);
    if (config.outBias) {
      add('bias', `${mlp}.b_in`, F);
      add('bias', `${mlp}.b_out`, D);
    }
  }
  norm('ln_final');
  if (!config.tied) add('embedding', 'unembed.W_U', V, D);
  return parameters;
}

/** How many numbers the model holds; a tied head counts once. */
export const parameterCount = (config: ModelConfig): number =>
  parameterShapes(config).reduce((total, { shape }) => total + shape.reduce((n, size) => n * size, 1), 0);

/** Bytes of all of them on a device. */
export const parameterBytes = (config: ModelConfig, dtype: WeightDType): number =>
  parameterShapes(config).reduce(
    (total, { shape, kind }) =>
      total +
      byteLength(
        shape.reduce((n, size) => n * size, 1),
        storedAs(kind, dtype),
      ),
    0,
  );
