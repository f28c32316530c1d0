/** Circuit-tuning (Li et al. 2025, https://arxiv.org/abs/2502.06106): the circuit of the model as it now is. */
import type { TuningMethod } from './method.js';

export const circuit: TuningMethod = {
  searches: 'every',
  about: 'the circuit, searched again every K steps',
  takesExtra: true,
  choose: ({ found }) => ({ circuit: found }),
};
