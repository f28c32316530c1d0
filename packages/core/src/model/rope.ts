import type { RopeScaling } from './config.js';

/**
 * Radians that each pair of channels (j, j + E/2) turns from one position to the next: theta^(−2j/E).
 * With `scaling` as Llama 3.1 stretches its context: pairs whose wavelength is longer than originalContext / lowFreqFactor
 * turn `factor` times slower, those shorter than originalContext / highFreqFactor are as they were, and between the two
 * the share of either is linear in originalContext / wavelength.
 * Computed in f64, where transformers uses f32: the same numbers to an f32 rounding or two.
 * Source: `_compute_llama3_parameters` in
 * https://github.com/huggingface/transformers/blob/main/src/transformers/modeling_rope_utils.py
 * @param E width of one head, even.
 * @returns [E/2]
 */
export function ropeFrequencies(
  rope: { readonly theta: number; readonly scaling?: RopeScaling },
  E: number,
): Float32Array {
  const { theta, scaling } = rope;
  return Float32Array.from({ length: E / 2 }, (_, j) => {
    const frequency = theta ** ((-2 * j) / E);
    return scaling ? stretched(frequency, scaling) : frequency;
  });
}

function stretched(frequency: number, { factor, lowFreqFactor, highFreqFactor, originalContext }: RopeScaling): number {
  const turns = (originalContext * frequency) / (2 * Math.PI); // in the original context
  const unchanged = (turns - lowFreqFactor) / (highFreqFactor - lowFreqFactor);
  const share = Math.min(1, Math.max(0, unchanged));
  return share * frequency + ((1 - share) * frequency) / factor;
}
