/** The ratios that a run of `bench step` is about, by the names that its JSON prints; null where a part was not run. */
import type { ModelConfig } from '@circuit-tuning/core';
import { products, times, type WorkShape } from '../limit/work.js';
import { productFlops } from '../product.js';
import { medianOf, type Clock, type Samples } from '../sampling.js';
import { hostTimeOf, type HostTime } from './hostTime.js';

export interface Ratios extends HostTime {
  readonly search_over_full: number | null;
  readonly masked_over_full: number | null;
  readonly amortised8_over_full: number | null;
  /** Scoring with weights stored as f16 over the same of f32. */
  readonly f16_over_f32: number | null;
  /** A plain full step over the time of its matrix products alone, at the rate of the square product of this run. */
  readonly step_over_matmuls: number | null;
  readonly ours_over_jax: number | null;
  readonly ours_over_tfjs: number | null;
  readonly matmul_gflops: number | null;
  readonly circuit_step_sgd_s: number | null;
  readonly circuit_step_adamw_s: number | null;
}

export function ratiosOf(
  samples: Samples,
  clock: Clock,
  config: ModelConfig,
  { matmul: size, ...shape }: WorkShape & { matmul: number },
): Ratios {
  const time = (name: string): number | null => medianOf(samples, name, clock) ?? null;
  const seconds = (name: string): number | null => over(time(name), 1000);
  // by CPU time, two threads' work counts twice: a rate is of one core's worth
  const flopsPerMs = over(productFlops({ M: size, N: size, K: size }), time('matmul'));
  // forward, backward to activations, weight gradients
  const alone = over(times(3, products(config, shape)).flops, flopsPerMs);
  return {
    search_over_full: over(time('search'), time('full')),
    masked_over_full: over(time('masked'), time('full')),
    amortised8_over_full: over(time('amortised8'), time('full')),
    f16_over_f32: over(time('score-f16'), time('score')),
    step_over_matmuls: over(time('full'), alone),
    ours_over_jax: over(time('ours'), time('jax')),
    ours_over_tfjs: over(time('ours'), time('tfjs')),
    ...hostTimeOf(samples),
    matmul_gflops: over(flopsPerMs, 1e6),
    circuit_step_sgd_s: seconds('circuit-sgd'),
    circuit_step_adamw_s: seconds('circuit-adamw'),
  };
}

const over = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a / b);
