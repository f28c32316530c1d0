/**
 * What the two optimizers share. Both freeze rows (units) with mask[u] = 0: parameter and state keep every bit, so that the
 * state of a slice that leaves the circuit waits there and is taken up again when the slice returns.
 *
 * hyper [8]: sgd   = lr, momentum, unused, unused, weightDecay, gradScale, maxNorm, 0
 *            adamw = lr, beta1,    beta2,  eps,    weightDecay, gradScale, maxNorm, 0
 * gradScale turns a sum of gradients into their mean; maxNorm = 0 clips nothing. They are tensors, not attributes, so that
 * a schedule changes them without a new plan. norm2[0] is the squared norm of all gradients before gradScale.
 */

/**
 * The factor on every gradient: gradScale, times min(1, maxNorm / (norm + 1e-6)) where norms are clipped.
 * Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
 */
export function gradFactor(hyper: Float64Array, norm2: Float64Array): number {
  const gradScale = hyper[5]!;
  const maxNorm = hyper[6]!;
  return gradScale * (maxNorm > 0 ? Math.min(1, maxNorm / (Math.sqrt(norm2[0]!) * gradScale + 1e-6)) : 1);
}

/** Random inputs the optimizers can meet: a mask of 0 and 1, norms and second moments that are not negative, whole ages. */
export function optimizerExample(
  U: number,
  D: number,
  random: () => number,
  hyper: readonly number[],
): Record<string, Float64Array> {
  const fill = (length: number, draw: () => number): Float64Array => Float64Array.from({ length }, draw);
  return {
    mask: fill(U, () => (random() < 0 ? 0 : 1)),
    hyper: Float64Array.from(hyper),
    norm2: Float64Array.of((U * D) / 3),
    v: fill(U * D, () => random() ** 2),
    age: fill(U, () => Math.floor(8 * random() ** 2) + (random() < 0 ? 0 : 997)),
  };
}
