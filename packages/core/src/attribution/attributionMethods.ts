/** The ways to score edges, as data: where on the way from clean to ablated gradients are taken. */
import { ConfigError } from '../errors.js';
import type { Ablation } from './ablation.js';

/**
 * `EAP`: the gradient on the clean side (Syed et al. 2023, https://arxiv.org/abs/2310.10348) · `EAP-IG-inputs`: its mean
 * along the straight line of embeddings (Hanna et al. 2024, https://arxiv.org/abs/2403.17806) · `clean-corrupted`: its mean
 * over the two ends of that line · `EAP-IG-activations`: its mean along the straight lines of all layers' outputs in turn, as
 * EAP-IG's code takes it (https://github.com/hannamw/EAP-IG, `get_scores_ig_activations`) · `EAP-IG-own-layer`: its mean along
 * that of the source's own layer alone, which divides what ablating the layer costs among its edges (after Marks et al. 2024,
 * https://arxiv.org/abs/2403.19647) · `exact`: no gradient, every edge is patched.
 */
export const attributionMethods = [
  'EAP',
  'EAP-IG-inputs',
  'EAP-IG-activations',
  'EAP-IG-own-layer',
  'clean-corrupted',
  'exact',
] as const;
export type AttributionMethod = (typeof attributionMethods)[number];

/** Steps of the methods that have them. */
export const DEFAULT_STEPS = 5;

/**
 * Which point of a step stands for it, from ablated to clean: its first, its last, or the one half-way, whose sum is off by the
 * square of a step where those of the ends are off by a step.
 */
export const riemannSums = ['left', 'middle', 'right'] as const;
export type RiemannSum = (typeof riemannSums)[number];

/** Minutes that `exact` may take by its own estimate. */
export const DEFAULT_MINUTES = 60;

export interface Way {
  /** The embeddings; or the outputs of each layer's heads, or MLP, in turn. */
  readonly moved: 'input' | 'each layer';
  /** The points that an edge has the mean of: all there are, or those where its own source is moved. */
  readonly counts: 'all' | 'own';
  /** The sum that its source takes. Of `ends` there are no steps: both count, and nothing between them. */
  readonly sum: RiemannSum | 'ends';
}

/** EAP-IG's code runs k from 0 to steps - 1 over inputs, from 1 to steps over activations. */
const shiftOf: Record<RiemannSum, number> = { left: 0, middle: 0.5, right: 1 };

/** Points on the way, from 1, where what is moved is ablated, to 0, where it is clean. */
export const awayOf = ({ sum }: Way, steps: number, asked?: RiemannSum): readonly number[] =>
  sum === 'ends' ? [1, 0] : Array.from({ length: steps }, (_, k) => 1 - (k + shiftOf[asked ?? sum]) / steps);

/** Undefined where nothing is moved. */
export const wayOf: Record<AttributionMethod, Way | undefined> = {
  EAP: undefined,
  'EAP-IG-inputs': { moved: 'input', counts: 'all', sum: 'left' },
  'EAP-IG-activations': { moved: 'each layer', counts: 'all', sum: 'right' },
  'EAP-IG-own-layer': { moved: 'each layer', counts: 'own', sum: 'left' },
  'clean-corrupted': { moved: 'input', counts: 'all', sum: 'ends' },
  exact: undefined,
};

export const hasSteps = (method: AttributionMethod): boolean => method.startsWith('EAP-IG-');

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
      cure: 'Choose patching, or the method EAP-IG-activations or EAP-IG-own-layer',
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
