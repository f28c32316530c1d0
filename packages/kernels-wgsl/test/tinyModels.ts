/** Models of either architecture, small enough to look at every edge of them. */
import type { ModelConfig } from '@circuit-tuning/core';

export const tinyGpt2: ModelConfig = {
  modelType: 'gpt2',
  L: 2,
  D: 16,
  H: 2,
  K: 2,
  E: 8,
  F: 32,
  V: 40,
  T: 16,
  norm: 'layernorm',
  eps: 1e-5,
  position: { kind: 'learned' },
  act: 'gelu_new',
  qkvBias: true,
  outBias: true,
  tied: true,
};

/** Norms without means, rotary positions, gated MLPs, and an unembedding of its own. */
export const tinyLlama: ModelConfig = {
  ...tinyGpt2,
  modelType: 'llama',
  H: 4,
  E: 4,
  norm: 'rmsnorm',
  position: { kind: 'rope', theta: 10000 },
  act: 'swiglu',
  qkvBias: false,
  outBias: false,
  tied: false,
};
