/**
 * What a step must at least compute and move, from the sizes of a model alone. docs/performance.md derives each formula.
 * FLOPs count a multiply-add as two; attention counts visible pairs only. Bytes count the operands and results of each
 * matrix product once, in f32: norms, activations and sums can ride along with the products before and after them.
 */
import {
  parameterCount,
  parameterShapes,
  type ModelConfig,
  type Nodes,
  type OptimizerKind,
} from '@circuit-tuning/core';

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
const product = (rows: number, inner: number, columns: number): Amount =>
  rows === 0
    ? { flops: 0, bytes: 0 }
    : { flops: 2 * rows * inner * columns, bytes: 4 * (rows * inner + inner * columns + rows * columns) };

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

/** q·k over visible pairs, once: a forward pass has two products of this size, a backward pass four. */
function attentionProduct({ L, H, K, E }: ModelConfig, { B, T }: WorkShape): Amount {
  return { flops: L * B * H * T * (T + 1) * E, bytes: 4 * L * B * T * (H + K) * E };
}

export const forward = (config: ModelConfig, shape: WorkShape): Amount =>
  plus(products(config, shape), times(2, attentionProduct(config, shape)));

/** Down to the embeddings. */
export const toActivations = (config: ModelConfig, shape: WorkShape): Amount =>
  plus(products(config, shape), times(4, attentionProduct(config, shape)));

/**
 * The last Q rows of each example run a second time and differentiated, for a metric and scores that look at no others
 * (core/src/attribution/tail.ts). They look at all T keys; logits are read in the M rows of the shape.
 */
export function tail({ L, H, K, E, ...config }: ModelConfig, { B, T, M }: WorkShape, Q = 1): Amount {
  const model = { L, H, K, E, ...config };
  const looked = { flops: 2 * L * B * H * Q * T * E, bytes: 4 * L * B * (Q * H + T * K) * E };
  return plus(products(model, { B, T: Q, M: 0 }), products(model, { B, T: Q, M }), times(6, looked));
}

/** Of a share of the units of all layers; the unembedding and the embeddings count where everything is tuned. */
export const weightGradients = (config: ModelConfig, shape: WorkShape, share = 1): Amount =>
  share === 1 ? products(config, shape) : times(share, products(config, { ...shape, M: 0 }));

/** Numbers read and written for each tuned one: gradient, parameter and states in; parameter and states out. */
const PASSES: Record<OptimizerKind, number> = { sgd: 5, adamw: 7 };

export const update = (config: ModelConfig, optimizer: OptimizerKind, share = 1): Amount =>
  times(share, {
    flops: 2 * PASSES[optimizer] * parameterCount(config),
    bytes: 4 * PASSES[optimizer] * parameterCount(config),
  });

export interface Attribution {
  /** What each head writes, one by one: delta · W_O[h]. An MLP's delta is there already. */
  readonly deltas: Amount;
  /** d metric / d input of each head's q, k and v (and of each MLP block's reads), and back through the norm. */
  readonly reads: Amount;
  /** Σ over positions of delta · gradient, for the pairs that are edges and no others. */
  readonly pairs: Amount;
}

/** Operations of the backward pass of a norm, for each number: two sums, and the three terms. */
const NORM = 8;

/** @param rows positions that are scored: B·T, or the answers' */
export function attribution(
  { config, sourceGroups, readGroups, edgeCount, mlpGroups }: Nodes,
  rows: number,
): Attribution {
  const { D, H, E, F } = config;
  /** Each of `count` nodes on its own: `units` in all on one side, [count, rows, D] on the other. */
  const apart = (units: number, count: number): Amount => ({
    flops: 2 * rows * units * D,
    bytes: 4 * (rows * units + units * D + count * rows * D),
  });
  const isCut = mlpGroups > 1;
  const deltas = sourceGroups.map(({ at, count }) => {
    if (at === 'attn') return apart(H * E, count);
    return at === 'mlp' && isCut ? apart(F, count) : plus();
  });
  const reads = readGroups.map(({ at, count }): Amount => {
    if (at === 'mlp' || at === 'logits') return plus();
    const isHead = at === 'q' || at === 'k' || at === 'v';
    const norm = { flops: NORM * count * rows * D, bytes: 0 };
    return plus(apart(isHead ? count * E : F, count), norm);
  });
  const written = 4 * rows * D * (sourceGroups.reduce((sum, group) => sum + group.count, 0) + readGroups.length);
  return {
    deltas: plus(...deltas),
    reads: plus(...reads),
    pairs: { flops: 2 * rows * D * edgeCount, bytes: written },
  };
}
