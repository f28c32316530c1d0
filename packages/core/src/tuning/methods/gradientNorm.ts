/**
 * The slices with the largest gradient of the training objective, until they hold as many parameters as the circuit found:
 * the choice that needs no circuit. Slices differ in size, so the norm counts per parameter (its root mean square); by the
 * norm itself whole MLPs would come first for being large.
 */
import { tunedParameters } from '../../circuit/slices.js';
import { ownableSlices, sizesOf, upTo } from './ownable.js';
import type { Ground, TuningMethod } from './method.js';

export const gradientNorm: TuningMethod = {
  searches: 'every',
  about: 'slices of the largest gradient, as many parameters',
  async choose({ found, gradients }: Ground) {
    const slices = ownableSlices(found.nodes);
    const grads = await gradients();
    const size = sizesOf(found.nodes.config);
    const rms = slices.map((slice) => {
      const count = size(slice);
      const each = count / (slice.to - slice.from);
      const part = grads.get(slice.parameter)!.subarray(slice.from * each, slice.to * each);
      return Math.sqrt(part.reduce((sum, value) => sum + value * value, 0) / count);
    });
    const order = slices.map((_, i) => i).toSorted((a, b) => rms[b]! - rms[a]! || a - b);
    const ranked = order.map((i) => slices[i]!);
    return { circuit: found, slices: upTo(ranked, tunedParameters(found), size) };
  },
};
