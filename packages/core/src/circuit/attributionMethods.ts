/** The ways to score edges, as data: where on the way from clean to ablated gradients are taken. */
import { ConfigError } from '../errors.js';
import type { Ablation } from './ablation.js';

/**
 * `EAP`: the gradient on the clean side (Syed et al. 2023, https://arxiv.org/abs/2310.10348) · `EAP-IG-inputs`: its mean
 * along the straight line of embeddings (Hanna et al. 2024, https://arxiv.org/abs/2403.17806) · `clean-corrupted`: its mean
 * over the two ends of that line · `EAP-IG-activations`: its mean along the straight line of each source's own output (Marks
 * et al. 2024, https://arxiv.org/abs/2403.19647) · `exact`: no gradient, every edge is patched.
 */
export const attributionMethods = ['EAP', 'EAP-IG-inputs', 'EAP-IG-activations', 'clean-corrupted', 'exact'] as const;
export type AttributionMethod = (typeof attributionMethods)[number];

/** Steps of the methods that have them. */
export const DEFAULT_STEPS = 5;

/** Minutes that `exact` may take by its own estimate. */
export const DEFAULT_MINUTES = 60;

export interface Way {
  /** The embeddings, for all edges at once; or each source group in turn, for the edges out of it. */
  readonly moved: 'input' | 'each source';
  /** The points, from 1, where what is moved is ablated, to 0, where it is clean. */
  readonly away: (steps: number) => readonly number[];
}

/** The left sum that EAP-IG takes: the ablated end counts, the clean one does not. */
const leftSum = (steps: number): number[] => Array.from({ length: steps }, (_, k) => 1 - k / steps);

/** Undefined where nothing is moved. */
export const wayOf: Record<AttributionMethod, Way | undefined> = {
  EAP: undefined,
  'EAP-IG-inputs': { moved: 'input', away: leftSum },
  'EAP-IG-activations': { moved: 'each source', away: leftSum },
  'clean-corrupted': { moved: 'input', away: () => [1, 0] },
  exact: undefined,
};

export const hasSteps = (method: AttributionMethod): boolean => wayOf[method]?.away === leftSum;

/** Whether sides must have the same number of tokens under patching, whatever positions are scored. */
export const needsEqualSides = (method: AttributionMethod): boolean => method !== 'EAP';

export interface HowScored {
  readonly method: AttributionMethod;
  readonly ablation: Ablation;
  readonly positions: 'all' | 'answer';
  readonly combine: 'sum' | 'mean-then-dot';
}

/** @throws ConfigError where the method cannot do what else is asked. */
export function requireMethod(
  { method, ablation, positions, combine }: HowScored,
  nameOf: (key: 'ablation' | 'positions' | 'combine') => string = (key) => key,
): void {
  if (wayOf[method]?.moved === 'input' && ablation !== 'patching')
    throw new ConfigError({
      where: nameOf('ablation'),
      rule: `must be patching with ${method}, whose way leads from the corrupted embeddings to the clean ones`,
      got: ablation,
      cure: 'Choose patching, or the method EAP-IG-activations',
    });
  if (method !== 'exact') return;
  const idle = (key: 'positions' | 'combine', got: string): ConfigError =>
    new ConfigError({
      where: nameOf(key),
      rule: 'takes effect only with a method of gradients: exact patches an edge at every position',
      got,
      cure: 'Leave it out',
    });
  if (positions !== 'all') throw idle('positions', positions);
  if (combine !== 'sum') throw idle('combine', combine);
}
