/** Names and numbers that the optimizer's graphs, kernels and checkpoints share. */
export type OptimizerKind = 'sgd' | 'adamw';

/** States by optimizer. They stay as they are while their rows are out of the circuit, and go on when they return. */
export const optimizerStates: Record<OptimizerKind, readonly string[]> = {
  sgd: ['velocity'],
  adamw: ['m', 'v', 'age'],
};

export interface Hyper {
  readonly optimizer: OptimizerKind;
  readonly lr: number;
  /** SGD. */
  readonly momentum: number;
  /** AdamW. */
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
  /** Gradients are scaled down to this norm; 0 leaves them. */
  readonly maxNorm: number;
  /** Steps over which the learning rate rises: step s (from 0) has min(1, (s + 1) / warmupSteps) of it. */
  readonly warmupSteps: number;
  /** What it does afterwards: stay, or fall to 0 at the last step. */
  readonly schedule: 'constant' | 'linear' | 'cosine';
}

export function learningRate({ lr, warmupSteps, schedule }: Hyper, step: number, steps: number): number {
  const warm = Math.min(1, (step + 1) / Math.max(1, warmupSteps));
  const way = Math.min(1, Math.max(0, (step - warmupSteps) / Math.max(1, steps - warmupSteps)));
  const left = schedule === 'constant' ? 1 : schedule === 'linear' ? 1 - way : (1 + Math.cos(Math.PI * way)) / 2;
  return lr * warm * left;
}

/** The kernels' `hyper` tensor: see ops/optimizer.ts. */
export const hyperTensor = (
  { optimizer, momentum, betas, eps, weightDecay, maxNorm }: Hyper,
  lr: number,
): Float32Array =>
  Float32Array.of(lr, optimizer === 'sgd' ? momentum : betas[0], betas[1], eps, weightDecay, 1, maxNorm, 0);
