/**
 * What a step must at least compute and move, from the sizes of a model alone. docs/performance.md derives each formula.
 * FLOPs count a multiply-add as two; attention counts visible pairs only. Bytes count the operands and results of each
 * matrix product once, in f32: norms, activations and sums can ride along with the products before and after them.
 */
import { parameterShapes, type ModelConfig } from '@circuit-tuning/core';

export interface Amount {
  readonly flops: number;
  readonly bytes: number;
}

export interface WorkShape {
  readonly B: number;
  readonly T: number;
  /** Rows whose logits are read: B·T for a loss over all tokens. */
  readonly M: number;
}

/** A product of [rows, inner] and [inner, columns], or one of its gradients: all three have the same size. */
const product = (rows: number, inner: number, columns: number): Amount => ({
  flops: 2 * rows * inner * columns,
  bytes: 4 * (rows * inner + inner * columns + rows * columns),
});

export const plus = (...amounts: readonly Amount[]): Amount => ({
  flops: amounts.reduce((sum, { flops }) => sum + flops, 0),
  bytes: amounts.reduce((sum, { bytes }) => sum + bytes, 0),
});

export const times = (factor: number, { flops, bytes }: Amount): Amount => ({
  flops: factor * flops,
  bytes: factor * bytes,
});

/** [units, D] matrices of all layers, as the model reads or writes through them. */
const matrices = (config: ModelConfig): number[] =>
  parameterShapes(config).flatMap(({ kind, shape }) => (kind === 'matrix' ? [shape[0]!] : []));

/** All linear layers and the unembedding, once: forward, or backward to activations, or all weight gradients. */
export function products(config: ModelConfig, { B, T, M }: WorkShape): Amount {
  const { D, V } = config;
  return plus(...matrices(config).map((units) => product(B * T, D, units)), product(M, D, V));
}
