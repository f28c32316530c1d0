/**
 * What the optimizers share. They update many parameters in one call: `param` is all that one buffer holds, and a list says
 * which numbers of it move and where what belongs to them lies. Nothing else is read or written, so that a parameter that is
 * not in the circuit keeps every bit, and has neither gradient nor state.
 *
 * slices [M, Q], Q = 6: first number in param · in grad · in the states · first unit in age · 1 where each number is a unit of
 *                       its own, 0 where all are of one · how many numbers
 * hyper [8]: sgd   = lr, momentum, unused, unused, weightDecay, gradScale, maxNorm, 0
 *            adamw = lr, beta1,    beta2,  eps,    weightDecay, gradScale, maxNorm, 0
 * gradScale turns a sum of gradients into their mean; maxNorm = 0 clips nothing. They are tensors, not attributes, so that
 * a schedule changes them without a new plan. norm2[0] is the squared norm of all gradients before gradScale.
 */
import type { Size } from '../op.js';

/** Numbers of a row of `slices`. */
export const SLICE = 6;

export interface SliceRow {
  readonly param: number;
  readonly grad: number;
  readonly state: number;
  readonly unit: number;
  readonly each: number;
  readonly length: number;
}

export const sliceRow = (slices: Float64Array, m: number): SliceRow => {
  const [param, grad, state, unit, each, length] = slices.subarray(m * SLICE) as unknown as number[];
  return { param: param!, grad: grad!, state: state!, unit: unit!, each: each!, length: length! };
};

/**
 * The factor on every gradient: gradScale, times min(1, maxNorm / (norm + 1e-6)) where norms are clipped.
 * Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
 */
export function gradFactor(hyper: Float64Array, norm2: Float64Array): number {
  const gradScale = hyper[5]!;
  const maxNorm = hyper[6]!;
  return gradScale * (maxNorm > 0 ? Math.min(1, maxNorm / (Math.sqrt(norm2[0]!) * gradScale + 1e-6)) : 1);
}

/**
 * M slices that share nothing, in param in the order told, in grad and states backwards; one in eight has a unit for each
 * number, as biases have. Between them lies what must not move.
 */
export function exampleSlices({ M, A, G, N, U }: Size): Float64Array {
  const most = Math.min(...[A!, G ?? A!, N ?? A!, U ?? A!].map((size) => Math.floor(size / M!)));
  return Float64Array.from(
    Array.from({ length: M! }, (_, m) => {
      const length = Math.max(1, most - (m % 3));
      const back = (M! - 1 - m) * most;
      return [m * most, back, back, back, m % 8 === 1 ? 1 : 0, length];
    }).flat(),
  );
}

/** Random inputs the optimizers can meet: norms and second moments that are not negative, whole ages. */
export function optimizerExample(
  { N = 0, U = 0 }: Size,
  random: () => number,
  hyper: readonly number[],
): Record<string, Float64Array> {
  const fill = (length: number, draw: () => number): Float64Array => Float64Array.from({ length }, draw);
  return {
    hyper: Float64Array.from(hyper),
    norm2: Float64Array.of(N / 3),
    v: fill(N, () => random() ** 2),
    age: fill(U, () => Math.floor(8 * random() ** 2) + (random() < 0 ? 0 : 997)),
  };
}
